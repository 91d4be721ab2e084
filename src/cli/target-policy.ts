import { type Command, Option } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { neverStale } from '../core/target.ts';
import { defined, present } from '../graphql/defined.ts';
import { encodeGlobalId } from '../graphql/global-id.ts';
import { type Api, type Outcome, payloadOf, readPages } from './api.ts';
import { readNumber, readSeconds, readWord } from './argument-values.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { numberOf, word } from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

const words = ['drift', 'allow', 'ignore'] as const;
type Word = (typeof words)[number];

interface PolicyOptions extends PlaceOptions {
  readonly space?: string;
  readonly view?: string;
  readonly ports?: Word;
  readonly hosts?: Word;
  readonly services?: boolean;
  readonly staleAfter?: number | 'wider';
}

/** Adds `target policy`: what ports and hosts are that nobody declared, and how old evidence may be. */
export function addTargetPolicy(target: Command): void {
  const policy = target
    .command('policy')
    .description('policies: what ports and hosts are that nobody declared, and how old evidence may be');
  const set = policy
    .command('set')
    .description('set the policy of an address, a network, group:NAME or * (everything)')
    .argument('[selector]', 'for whom', '*')
    .option('--space <name>', 'in this address space (else that of the view, or "default")')
    .option('--view <group>', 'as seen from this scanner group (else from any)')
    .addOption(undeclared('--ports <word>', 'what open ports are that nobody declared'))
    .addOption(undeclared('--hosts <word>', 'what hosts are that nobody declared'))
    .option('--services', 'another service behind a port than the declared one is drift')
    .option('--no-services', 'what is behind a declared port does not matter (unless told)')
    .addOption(
      new Option(
        '--stale-after <time>',
        'older evidence, such as 7d, says nothing any more; or never, or wider (as a wider policy says)',
      ).argParser(readAge),
    );
  addPlaceOptions(set).action((selector: string, options: PolicyOptions) =>
    withApi(options, 'existing', (api) => setPolicy(api, selector, options)),
  );
  addPlaceOptions(
    addOutputOptions(policy.command('list').description('list policies'), 'so many at most'),
  ).action((options: PlaceOptions & OutputOptions) =>
    withApi(options, 'existing', (api) => list(api, options)),
  );
  addPlaceOptions(
    policy
      .command('remove')
      .description('remove a policy by its number in the list')
      .argument('<number>', '', readNumber(1, Number.MAX_SAFE_INTEGER)),
  ).action((id: number, options: PlaceOptions) => withApi(options, 'existing', (api) => remove(api, id)));
}

function readAge(text: string): number | 'wider' {
  const word = text.trim();
  if (word === 'wider') return 'wider';
  return word === 'never' ? neverStale : readSeconds(text);
}

function undeclared(flags: string, description: string): Option {
  return new Option(flags, `${description}: ${words.join(', ')}`).argParser(readWord(words));
}

async function setPolicy(api: Api, selector: string, options: PolicyOptions): Promise<void> {
  const { space, view, ports, hosts, services, staleAfter } = options;
  if ([ports, hosts, services, staleAfter].every((said) => said === undefined))
    throw new Failure('Say what the policy is: --ports, --hosts, --services or --stale-after');
  const input = {
    selector,
    ...present({
      addressSpace: space === undefined ? undefined : { name: space },
      scannerGroup: view === undefined ? undefined : { name: view },
      undeclaredPorts: ports?.toUpperCase(),
      undeclaredHosts: hosts?.toUpperCase(),
      assessServices: services,
    }),
    ...defined({ staleAfterSeconds: staleAfter === 'wider' ? null : staleAfter }),
  };
  const { outcome } = await api.query<{ outcome: Outcome<{ targetPolicy: PolicyNode }> }>(setting, { input });
  tell(`Set the policy: ${sentenceOf(rowOf(payloadOf(outcome).targetPolicy))}`);
}

const fields = `id selector undeclaredPorts undeclaredHosts assessServices staleAfterSeconds view { name } addressSpace { name }`;

const setting = /* GraphQL */ `
  mutation ($input: SetTargetPolicyInput!) {
    outcome: setTargetPolicy(input: $input) {
      ... on Error { message }
      ... on SetTargetPolicyPayload { targetPolicy { ${fields} } }
    }
  }
`;

async function remove(api: Api, id: number): Promise<void> {
  const variables = { id: encodeGlobalId('TargetPolicy', String(id)) };
  const { outcome } = await api.query<{ outcome: Outcome<{ targetPolicy: PolicyNode }> }>(removal, variables);
  tell(`Removed the policy: ${sentenceOf(rowOf(payloadOf(outcome).targetPolicy))}`);
}

const removal = /* GraphQL */ `
  mutation ($id: ID!) {
    outcome: deleteTargetPolicy(input: { id: $id }) {
      ... on Error { message }
      ... on DeleteTargetPolicyPayload { targetPolicy { ${fields} } }
    }
  }
`;

interface PolicyNode {
  readonly id: string;
  readonly selector: string;
  readonly undeclaredPorts: string;
  readonly undeclaredHosts: string;
  readonly assessServices: boolean;
  readonly staleAfterSeconds: number | null;
  readonly view: { readonly name: string } | null;
  readonly addressSpace: { readonly name: string };
}

type PolicyRow = ReturnType<typeof rowOf>;

function rowOf({ id, view, addressSpace, undeclaredPorts, undeclaredHosts, ...rest }: PolicyNode) {
  return {
    id: numberOf(id),
    space: addressSpace.name,
    view: view?.name ?? null,
    undeclaredPorts: word(undeclaredPorts),
    undeclaredHosts: word(undeclaredHosts),
    ...rest,
  };
}

function sentenceOf(row: PolicyRow): string {
  const age = ageSentence(row.staleAfterSeconds, ageText(row));
  return (
    `${row.selector} from ${row.view ?? 'any view'}: undeclared ports are ${row.undeclaredPorts}, ` +
    `undeclared hosts ${row.undeclaredHosts}, services are ${row.assessServices ? '' : 'not '}assessed, evidence ${age}.`
  );
}

function ageSentence(seconds: number | null, text: string): string {
  if (seconds === null) return 'ages as a wider policy says';
  return seconds === neverStale ? 'does not age' : `is stale after ${text}`;
}

function ageText({ staleAfterSeconds: seconds }: PolicyRow): string {
  if (seconds === null) return 'as wider';
  if (seconds === neverStale) return 'never';
  if (seconds % 86_400 === 0) return `${seconds / 86_400}d`;
  return seconds % 3600 === 0 ? `${seconds / 3600}h` : `${seconds}s`;
}

async function list(api: Api, options: OutputOptions): Promise<void> {
  const count = await printPages(rows(api, options.limit), printerFor(options, columns));
  if (count === 0 && options.output === 'table')
    tell('No policies: what nobody declared is drift. Set one with: drportscan target policy set');
}

async function* rows(api: Api, limit: number | undefined): AsyncGenerator<readonly PolicyRow[]> {
  const reading = { document: listing, field: 'targetPolicies', limit };
  for await (const policies of readPages<PolicyNode>(api, reading)) yield policies.map(rowOf);
}

const listing = /* GraphQL */ `
  query ($first: Int, $after: String) {
    targetPolicies(first: $first, after: $after) {
      nodes { ${fields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const columns: readonly Column<PolicyRow>[] = [
  { title: 'number', value: ({ id }) => String(id), align: 'right' },
  { title: 'space', value: ({ space }) => space },
  { title: 'for', whole: true, value: ({ selector }) => selector },
  { title: 'view', value: ({ view }) => view ?? 'any' },
  { title: 'ports', value: ({ undeclaredPorts }) => undeclaredPorts },
  { title: 'hosts', value: ({ undeclaredHosts }) => undeclaredHosts },
  { title: 'services', value: ({ assessServices }) => (assessServices ? 'drift' : 'any') },
  { title: 'stale after', value: ageText },
];
