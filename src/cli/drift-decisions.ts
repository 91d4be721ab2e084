import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { present } from '../graphql/defined.ts';
import { encodeGlobalId } from '../graphql/global-id.ts';
import { type Api, type Outcome, payloadOf } from './api.ts';
import { readNumber } from './argument-values.ts';
import { type DriftNode, declaredText, driftFields, driftRow, kindWords } from './drift-row.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { placeText } from './row-values.ts';
import { getNamed } from './scanner-lookup.ts';
import { readLater } from './target-import-options.ts';
import { tell } from './terminal.ts';

interface AcknowledgeOptions extends PlaceOptions {
  readonly note?: string;
  readonly actor?: string;
}

interface AcceptOptions extends PlaceOptions {
  readonly source: string;
  readonly reason: string;
  readonly actor?: string;
  readonly until?: string;
}

const item = readNumber(1, Number.MAX_SAFE_INTEGER);

/** Reads numbers of drift items; they add up. */
export function readItems(text: string, before: readonly number[] = []): readonly number[] {
  return [...before, ...text.split(',').map(item)];
}

/** The id of a drift item with this number. */
export function itemId(number: number): string {
  return encodeGlobalId('DriftItem', String(number));
}

/** Who is at the terminal, unless told. */
export function actorOf({ actor }: { readonly actor?: string }): string {
  return actor ?? process.env['USER'] ?? process.env['LOGNAME'] ?? 'somebody at a terminal';
}

/** Adds `drift ack` and `drift accept`: what people say of single items. */
export function addDriftDecisions(drift: Command): void {
  const acknowledge = drift
    .command('ack')
    .description('say that somebody has seen drift; it stays open and counts')
    .argument('<number...>', 'the numbers of drift items in the list', readItems)
    .option('--note <text>', 'what is to be said of it')
    .option('--actor <name>', 'who has seen it (else who is logged in)');
  addPlaceOptions(acknowledge).action((items: readonly number[], options: AcknowledgeOptions) =>
    withApi(options, 'existing', (api) => acknowledgeItems(api, items, options)),
  );
  const accept = drift
    .command('accept')
    .description('declare what is: excess becomes allowed, missing ports too, missing hosts optional')
    .argument('<number...>', 'the numbers of drift items in the list', readItems)
    .requiredOption('--source <name>', 'the target source that says so from now on')
    .requiredOption('--reason <text>', 'why')
    .option('--until <time>', 'until 2026-12-31, or for 90d (else for good)', readLater)
    .option('--actor <name>', 'who accepts it (else who is logged in)');
  addPlaceOptions(accept).action((items: readonly number[], options: AcceptOptions) =>
    withApi(options, 'existing', (api) => acceptItems(api, items, options)),
  );
}

async function acknowledgeItems(
  api: Api,
  items: readonly number[],
  options: AcknowledgeOptions,
): Promise<void> {
  const input = { items: items.map(itemId), actor: actorOf(options), note: options.note ?? '' };
  const { outcome } = await api.query<{ outcome: Outcome<{ items: readonly object[] }> }>(acknowledging, {
    input,
  });
  const count = payloadOf(outcome).items.length;
  tell(`Acknowledged ${count} drift ${count === 1 ? 'item' : 'items'}; still open, still counted.`);
}

const acknowledging = /* GraphQL */ `
  mutation ($input: AcknowledgeDriftInput!) {
    outcome: acknowledgeDrift(input: $input) {
      ... on Error { message }
      ... on AcknowledgeDriftPayload { items { id } }
    }
  }
`;

interface Accepted {
  readonly outcome: string;
  readonly plan: { readonly counts: { readonly created: number; readonly updated: number } };
  readonly revision: { readonly number: number } | null;
  readonly stillOpen: readonly OverruledNode[];
}

type OverruledNode = DriftNode & { readonly statement: { readonly locked: boolean } | null };

async function acceptItems(api: Api, items: readonly number[], options: AcceptOptions): Promise<void> {
  const { source, reason, until } = options;
  await getNamed(api, 'targetSource', source);
  const input = {
    items: items.map(itemId),
    source: { name: source },
    actor: actorOf(options),
    reason,
    ...present({ validUntil: until }),
  };
  const { outcome } = await api.query<{ outcome: Outcome<Accepted> }>(accepting, { input });
  const { plan, revision, stillOpen } = payloadOf(outcome);
  const count = plan.counts.created + plan.counts.updated;
  const at = revision === null ? 'nothing had to be changed' : `at revision ${revision.number}`;
  tell(`Accepted: ${source} declares ${count} ${count === 1 ? 'statement' : 'statements'} more, ${at}.`);
  for (const node of stillOpen) tell(overruledText(node));
}

/** Why an item that was accepted is open all the same. */
function overruledText(node: OverruledNode): string {
  const row = driftRow(node);
  const what = `number ${row.id}, ${placeText(row)} ${kindWords[row.kind]} from ${row.view}`;
  const locked = node.statement?.locked === true ? ', and is locked' : '';
  return `Still open: ${what}: ${declaredText(row)}${locked}.`;
}

const accepting = /* GraphQL */ `
  mutation ($input: AcceptIntoTargetInput!) {
    outcome: acceptIntoTarget(input: $input) {
      ... on Error { message }
      ... on TargetImport {
        outcome
        plan { counts { created updated } } revision { number }
        stillOpen { ${driftFields} statement { locked } }
      }
    }
  }
`;
