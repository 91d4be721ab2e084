import { type Command, Option } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { driftKinds } from '../core/drift.ts';
import { present } from '../graphql/defined.ts';
import { encodeGlobalId } from '../graphql/global-id.ts';
import { type Api, type Outcome, payloadOf, readPages } from './api.ts';
import { readNetworks, readNumber, readPortsArgument, readWord } from './argument-values.ts';
import { itemId } from './drift-decisions.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { numberOf, timeText, word } from './row-values.ts';
import type { Column } from './table.ts';
import { readLater } from './target-import-options.ts';
import { tell } from './terminal.ts';

interface WaiveOptions extends PlaceOptions {
  readonly network?: readonly string[];
  readonly port?: string;
  readonly kind?: string;
  readonly view?: string;
  readonly space?: string;
  readonly reason: string;
  readonly owner: string;
  readonly until: string;
  readonly ticket?: string;
}

const number = readNumber(1, Number.MAX_SAFE_INTEGER);

/** Adds `drift waive`, `extend`, `revoke` and `waivers`: what somebody accepts until a date. */
export function addDriftWaivers(drift: Command): void {
  addWaive(drift);
  const extend = drift
    .command('extend')
    .description('give a waiver another end, also one that has ended')
    .argument('<number>', 'the number of the waiver', number)
    .requiredOption('--until <time>', 'until 2026-12-31, or for 30d', readLater);
  addPlaceOptions(extend).action((id: number, options: PlaceOptions & { readonly until: string }) =>
    withApi(options, 'existing', (api) => extendWaiver(api, id, options.until)),
  );
  const revoke = drift
    .command('revoke')
    .description('take a waiver back: what it accepted counts again at once')
    .argument('<number>', 'the number of the waiver', number);
  addPlaceOptions(revoke).action((id: number, options: PlaceOptions) =>
    withApi(options, 'existing', (api) => revokeWaiver(api, id)),
  );
  const waivers = drift.command('waivers').description('list waivers, also those that ended');
  addPlaceOptions(addOutputOptions(waivers, 'so many at most')).action(
    (options: PlaceOptions & OutputOptions) => withApi(options, 'existing', (api) => list(api, options)),
  );
}

function addWaive(drift: Command): void {
  const waive = drift
    .command('waive')
    .description('accept drift until a date: one item, or everything in a network that fits')
    .argument('[number]', 'the number of a drift item in the list', number)
    .option('--network <network>', 'everything in this network', readNetworks)
    .option('--port <ports>', 'only these ports: 22,80-90/tcp,53/udp', readPortsArgument)
    .addOption(
      new Option('--kind <word>', `only this kind: ${driftKinds.join(', ')}`).argParser(readWord(driftKinds)),
    )
    .option('--view <group>', 'only as seen from this scanner group')
    .option('--space <name>', 'in this address space (else that of the view, or "default")')
    .requiredOption('--reason <text>', 'why it is accepted')
    .requiredOption('--owner <name>', 'who answers for that')
    .requiredOption('--until <time>', 'until 2026-12-31, or for 30d', readLater)
    .option('--ticket <text>', 'where it was decided');
  addPlaceOptions(waive).action((item: number | undefined, options: WaiveOptions) =>
    withApi(options, 'existing', (api) => waiveDrift(api, item, options)),
  );
}

async function waiveDrift(api: Api, item: number | undefined, options: WaiveOptions): Promise<void> {
  const { network = [], port, kind, view, space, reason, owner, until, ticket } = options;
  if ((item === undefined) === (network.length === 0))
    throw new Failure('Say what is accepted: the number of an item, or --network');
  if (network.length > 1) throw new Failure('A waiver has one --network; make one for each');
  const input = {
    ...present({
      item: item === undefined ? undefined : itemId(item),
      network: network[0],
      ports: port,
      kind: kind?.toUpperCase(),
      scannerGroup: view === undefined ? undefined : { name: view },
      addressSpace: space === undefined ? undefined : { name: space },
      ticket,
    }),
    reason,
    owner,
    expiresAt: until,
  };
  const { outcome } = await api.query<{ outcome: Outcome<{ waiver: WaiverNode }> }>(waiving, { input });
  tell(`Waived: ${sentenceOf(rowOf(payloadOf(outcome).waiver))}`);
}

const waiverFields = `
  id network ports kind reason owner ticket createdAt expiresAt revokedAt view { name } addressSpace { name }
`;

const waiving = /* GraphQL */ `
  mutation ($input: WaiveDriftInput!) {
    outcome: waiveDrift(input: $input) {
      ... on Error { message }
      ... on WaiveDriftPayload { waiver { ${waiverFields} } }
    }
  }
`;

async function extendWaiver(api: Api, id: number, expiresAt: string): Promise<void> {
  const input = { id: encodeGlobalId('Waiver', String(id)), expiresAt };
  const { outcome } = await api.query<{ outcome: Outcome<{ waiver: WaiverNode }> }>(extending, { input });
  tell(`Extended: ${sentenceOf(rowOf(payloadOf(outcome).waiver))}`);
}

const extending = /* GraphQL */ `
  mutation ($input: ExtendWaiverInput!) {
    outcome: extendWaiver(input: $input) {
      ... on Error { message }
      ... on ExtendWaiverPayload { waiver { ${waiverFields} } }
    }
  }
`;

async function revokeWaiver(api: Api, id: number): Promise<void> {
  const variables = { id: encodeGlobalId('Waiver', String(id)) };
  const { outcome } = await api.query<{ outcome: Outcome<{ waiver: WaiverNode }> }>(revoking, variables);
  tell(`Revoked: ${sentenceOf(rowOf(payloadOf(outcome).waiver))}`);
}

const revoking = /* GraphQL */ `
  mutation ($id: ID!) {
    outcome: revokeWaiver(input: { id: $id }) {
      ... on Error { message }
      ... on RevokeWaiverPayload { waiver { ${waiverFields} } }
    }
  }
`;

interface WaiverNode {
  readonly id: string;
  readonly network: string;
  readonly ports: string | null;
  readonly kind: string | null;
  readonly reason: string;
  readonly owner: string;
  readonly ticket: string | null;
  readonly createdAt: string;
  readonly expiresAt: string;
  readonly revokedAt: string | null;
  readonly view: { readonly name: string } | null;
  readonly addressSpace: { readonly name: string };
}

type WaiverRow = ReturnType<typeof rowOf>;

function rowOf({ id, kind, view, addressSpace, ...rest }: WaiverNode) {
  return {
    ...rest,
    id: numberOf(id),
    kind: kind === null ? null : word(kind),
    view: view?.name ?? null,
    space: addressSpace.name,
  };
}

function sentenceOf({ id, network, ports, kind, view, expiresAt, owner, reason }: WaiverRow): string {
  const what = [ports, kind?.replaceAll('_', ' ')].filter(Boolean).join(' ');
  const where = `${network}${what === '' ? '' : ` ${what}`}${view === null ? '' : ` from ${view}`}`;
  return `number ${id}, ${where}, until ${timeText(expiresAt)}, by ${owner}: ${reason}`;
}

async function list(api: Api, options: OutputOptions): Promise<void> {
  const count = await printPages(rows(api, options.limit), printerFor(options, columns));
  if (count === 0 && options.output === 'table') tell('No waivers.');
}

async function* rows(api: Api, limit: number | undefined): AsyncGenerator<readonly WaiverRow[]> {
  const reading = { document: listing, field: 'waivers', limit };
  for await (const nodes of readPages<WaiverNode>(api, reading)) yield nodes.map(rowOf);
}

const listing = /* GraphQL */ `
  query ($first: Int, $after: String) {
    waivers(first: $first, after: $after) {
      nodes { ${waiverFields} }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const columns: readonly Column<WaiverRow>[] = [
  { title: 'number', value: ({ id }) => String(id), align: 'right' },
  { title: 'where', whole: true, value: ({ network }) => network },
  { title: 'ports', value: ({ ports }) => ports ?? 'all' },
  { title: 'kind', value: ({ kind }) => kind?.replaceAll('_', ' ') ?? 'all' },
  { title: 'view', value: ({ view }) => view ?? 'any' },
  { title: 'until', whole: true, value: ({ expiresAt }) => timeText(expiresAt) },
  { title: 'state', value: stateText },
  { title: 'owner', value: ({ owner }) => owner },
  { title: 'reason', value: ({ reason }) => reason },
];

function stateText({ revokedAt, expiresAt }: WaiverRow): string {
  if (revokedAt !== null) return 'revoked';
  return Date.parse(expiresAt) <= Date.now() ? 'ended' : 'in force';
}
