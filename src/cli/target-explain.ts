import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { parseAddress } from '../core/address.ts';
import { readPortSet } from '../core/endpoint.ts';
import type { Api } from './api.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { jsonOf } from './row-printer.ts';
import { word } from './row-values.ts';
import { getNamed } from './scanner-lookup.ts';
import { readLater } from './target-import-options.ts';
import { type FactsNode, factsText } from './target-plan-text.ts';
import { print } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

interface ExplainOptions extends PlaceOptions {
  readonly view: string;
  readonly at?: string;
  readonly json?: boolean;
}

/** Adds `target explain`: what is expected of a host or port, and who says so. */
export function addTargetExplain(target: Command): void {
  const command = target
    .command('explain')
    .description('say what is expected of a host or port, who says so, and who is overruled')
    .argument('<address[:port/protocol]>', '10.0.0.1, 10.0.0.1:443, [2001:db8::1]:53/udp')
    .requiredOption('--view <group>', 'as seen from this scanner group')
    .option('--at <time>', 'at this moment: 2026-11-23T10:15:00Z (else now)', readLater)
    .option('--json', 'print the answer as JSON on one line');
  addPlaceOptions(command).action((place: string, options: ExplainOptions) =>
    withApi(options, 'existing', (api) => explain(api, place, options)),
  );
}

/** What is asked about. */
export interface AskedPlace {
  readonly address: string;
  readonly port?: number;
  readonly protocol?: string;
}

/** Reads `10.0.0.1`, `10.0.0.1:443/tcp` and `[2001:db8::1]:53/udp`. Throws Failure. */
export function readPlace(text: string): AskedPlace {
  const whole = parseAddress(text);
  if (whole !== undefined) return { address: whole };
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})(?:\/(\w+))?$/.exec(text.trim());
  const address = match === null ? undefined : parseAddress(match[1] ?? match[2] ?? '');
  const protocol = (match?.[4] ?? 'tcp').toLowerCase();
  const isPort = readPortSet(`${match?.[3]}/${protocol}`).ok;
  if (address === undefined || !isPort)
    throw new Failure(
      `"${text}" is no host or port; write 10.0.0.1, 10.0.0.1:443/tcp or [2001:db8::1]:53/udp`,
    );
  return { address, port: Number(match?.[3]), protocol: protocol.toUpperCase() };
}

interface StatementNode extends Omit<FactsNode, 'view'> {
  readonly view: { readonly name: string } | null;
  readonly externalId: string;
  readonly source: { readonly name: string };
}

interface Explanation {
  readonly expect: string | null;
  readonly undeclared: string;
  readonly rule: string | null;
  readonly winner: StatementNode | null;
  readonly losers: readonly StatementNode[];
  readonly conflicts: readonly StatementNode[];
  readonly policy: { readonly selector: string; readonly view: { readonly name: string } | null } | null;
}

const statementFields = `
  externalId source { name } selector view { name } ports expect service owner ticket description validFrom
  validUntil locked
`;

const document = /* GraphQL */ `
  query (
    $address: IPAddress!, $port: Port, $protocol: Protocol! = TCP, $view: ScannerGroupSelector!, $at: DateTime
  ) {
    explanation: explainExpectation(
      address: $address, port: $port, protocol: $protocol, scannerGroup: $view, at: $at
    ) {
      expect undeclared rule
      winner { ${statementFields} } losers { ${statementFields} } conflicts { ${statementFields} }
      policy { selector view { name } }
    }
  }
`;

async function explain(api: Api, text: string, options: ExplainOptions): Promise<void> {
  const place = readPlace(text);
  await getNamed(api, 'scannerGroup', options.view);
  const variables = { ...place, view: { name: options.view }, at: options.at };
  const { explanation } = await api.query<{ explanation: Explanation }>(document, variables);
  if (options.json === true) return print(`${jsonOf(explanation)}\n`);
  await print(`${linesOf(explanation).map(terminalText).join('\n')}\n`);
}

const rules: Readonly<Record<string, string>> = {
  ONLY_ONE: 'nobody else speaks of it',
  SELECTOR: 'its selector is more specific',
  VIEW: 'it names the view, the others any',
  PORT_RANGE: 'its range of ports is narrower',
  SOURCE_PRIORITY: 'its source has the higher priority',
  STRICTER: 'others of equal rank say something else, and the stricter one wins',
  SAME_VALUE: 'others of equal rank say the same',
  LOCKED: 'it is locked, and may only be tightened',
};

function linesOf({ expect, undeclared, rule, winner, losers, conflicts, policy }: Explanation): string[] {
  const by = policy === null ? 'no policy says otherwise' : `by the policy of ${policy.selector}`;
  if (winner === null || expect === null)
    return [`undeclared: ${word(undeclared)} (${by})`, ...losers.map((each) => `  - ${sentence(each)}`)];
  const contrary = new Set(conflicts.map(({ source, externalId }) => `${source.name} ${externalId}`));
  return [
    `${word(expect)}, because ${rules[rule ?? ''] ?? 'it is so'}`,
    `  + ${sentence(winner)}`,
    ...losers.map((each) => {
      const isContrary = contrary.has(`${each.source.name} ${each.externalId}`);
      return `  ${isContrary ? '!' : '-'} ${sentence(each)}${isContrary ? ', which contradicts it' : ''}`;
    }),
  ];
}

function sentence({ source, externalId, view, ...facts }: StatementNode): string {
  return `${source.name} "${externalId}": ${factsText({ ...facts, view: view?.name ?? null })}`;
}
