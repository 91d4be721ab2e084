import { changeCode, type Facts } from '../core/change.ts';
import { portOf, protocolOf } from '../core/endpoint.ts';
import type { ChangeFilter as Filter, LoggedChange, RetractionReason as Reason } from '../core/model.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { filterRule, placeFields, placeOf, sourceFields, sourceOf } from './filters.ts';
import { readId } from './global-id.ts';
import type { GraphqlContext } from './loaders.ts';
import { connect } from './page.ts';
import { Scope } from './receipt.ts';
import { AddressSpace, Change, ChangeConnection, Endpoint, Host, Scan, Scanner } from './refs.ts';
import { checkLength } from './selectors.ts';
import { endings, follow, typeOfEvent, unbroken } from './subscription.ts';
import { ChangeKind, enumOf, PortRange, Protocol, portsOf, Service } from './values.ts';

const SettledState = enumOf<NonNullable<Facts['state']>>(
  'SettledState',
  'The state of a host or an endpoint.',
  {
    open: 'The endpoint is open.',
    not_open: 'The endpoint is not open.',
    up: 'The host is up.',
    gone: 'The host is gone.',
  },
);

/** Why an entry is taken back, or what else there is to say about its cause. */
export const RetractionReason = enumOf<Reason>('RetractionReason', 'Why an entry is taken back.', {
  late_scan: 'A scan with an earlier observation time came later.',
  scan_released: 'A scan that was held counts now.',
  scan_discarded: 'A scan that it rests on does not count any more.',
  scan_restored: 'A scan counts again.',
  thresholds_changed: 'The scanner has other thresholds now.',
  host_forgotten: 'Not taken back: a person said that another machine has the address now.',
});

/** What was known on one side of a change. */
export const ChangeFacts = builder.objectRef<Facts>('ChangeFacts').implement({
  description: 'What was known on one side of a change: only what the kind of change speaks about.',
  fields: (t) => ({
    state: t.expose('state', { type: SettledState, nullable: true, description: 'The settled state.' }),
    names: t.field({
      type: ['String'],
      nullable: true,
      description: 'The DNS names; null where the change is not about names.',
      resolve: ({ names }) => names ?? null,
    }),
    service: t.expose('service', { type: Service, nullable: true, description: 'The service.' }),
  }),
});

builder.node(Change, {
  description: 'One entry of the change log. Never edited and never deleted once written.',
  id: { resolve: ({ id }) => id },
  loadOne: (id, { loaders }) => (/^\d{1,15}\.\d{1,9}$/.test(id) ? loaders.change(id, null) : undefined),
  fields: (t) => ({
    cursor: t.exposeString('id', {
      description: 'Place in the log; pass it as `after` to read on from here.',
    }),
    kind: t.expose('kind', { type: ChangeKind, description: 'What happened.' }),
    code: t.int({ description: 'Its code: a single bit.', resolve: ({ kind }) => changeCode[kind] }),
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space that the address belongs to.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
    protocol: t.field({
      type: Protocol,
      nullable: true,
      description: 'The protocol; null where the change is about the host.',
      resolve: ({ port }) => (port === undefined ? null : protocolOf(port)),
    }),
    port: t.field({
      type: 'Port',
      nullable: true,
      description: 'The port; null where the change is about the host.',
      resolve: ({ port }) => (port === undefined ? null : portOf(port)),
    }),
    host: t.field({
      type: Host,
      nullable: true,
      description: 'The host as it is now.',
      complexity: 5,
      resolve: ({ addressSpaceId, address }, _, { loaders }) =>
        loaders.host({ addressSpaceId, address }, { asOf: undefined }),
    }),
    endpoint: t.field({
      type: Endpoint,
      nullable: true,
      description: 'The endpoint as it is now; null where the change is about the host.',
      complexity: 5,
      resolve: ({ addressSpaceId, address, port }, _, { loaders }) =>
        port === undefined ? null : loaders.endpoint({ addressSpaceId, address, port }, { asOf: undefined }),
    }),
    scanner: t.field({
      type: Scanner,
      description: 'Who saw it.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    scan: t.field({
      type: Scan,
      description: 'The scan that decided.',
      resolve: ({ scanId }, _, { loaders }) => loaders.scan(scanId),
    }),
  }),
});

builder.objectFields(Change, (t) => ({
  scope: t.field({
    type: Scope,
    description: 'What that scan looked at, and who says so.',
    resolve: async ({ scanId }, _, { loaders }) => (await loaders.scan(scanId)).receipt,
  }),
  before: t.expose('before', {
    type: ChangeFacts,
    nullable: true,
    description: 'What was known before; null where nothing was.',
  }),
  after: t.expose('after', { type: ChangeFacts, description: 'What is known since.' }),
  confirmations: t.exposeInt('confirmations', { description: 'How many consecutive looks said so.' }),
  baseline: t.exposeBoolean('baseline', {
    description: 'The scanner had never covered it before: first observed, not newly happened.',
  }),
  at: t.expose('at', { type: 'DateTime', description: 'Observation time of the scan that decided.' }),
  observedAt: t.expose('observedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When the host itself was looked at, where the report says so.',
  }),
  loggedAt: t.expose('loggedAt', { type: 'DateTime', description: 'When the entry was written.' }),
  retracts: t.field({
    type: Change,
    nullable: true,
    description: 'The entry that this one takes back; then everything else repeats what no longer holds.',
    complexity: 5,
    resolve: ({ retracts }, _, { loaders }) =>
      retracts === undefined ? null : loaders.change(retracts, null),
  }),
  reason: t.expose('reason', {
    type: RetractionReason,
    nullable: true,
    description: 'Why it is taken back; `HOST_FORGOTTEN` where no scan saw it: a person said so.',
  }),
  collapsed: t.exposeBoolean('collapsed', {
    description: 'Told as part of one finding of its scan: not to be announced by itself.',
  }),
  retracted: t.exposeBoolean('retracted', { description: 'A later entry takes this one back.' }),
}));

const ChangeFilter = builder.inputType('ChangeFilter', {
  description: `Which entries. ${filterRule}`,
  fields: (t) => ({
    ...sourceFields(t),
    ...placeFields(t),
    kinds: t.field({ type: [ChangeKind], description: 'Of one of these kinds.' }),
    ports: t.field({ type: 'PortSet', description: 'About one of these ports.' }),
    portRanges: t.field({
      type: [PortRange],
      description: 'The same as ranges; joined with `ports` by "or".',
    }),
    scans: t.idList({ description: 'Decided by one of these scans.' }),
    baseline: t.boolean({ description: 'Only entries that say "first observed", or only the others.' }),
    collapsed: t.boolean({
      description:
        'Only what is told as part of one finding, or only the others. Without it queries have both, and subscriptions only the others; null means both there too.',
    }),
    from: t.field({ type: 'DateTime', description: 'Observed at this time or later.' }),
    to: t.field({ type: 'DateTime', description: 'Observed at this time or earlier.' }),
    retractions: t.boolean({ description: 'Only entries that take others back, or only the others.' }),
    asOf: t.field({
      type: 'DateTime',
      description: 'Only entries that make up the state as of then: observed up to then, never taken back.',
    }),
  }),
});

async function filterOf(
  input: typeof ChangeFilter.$inferInput | null | undefined,
  context: GraphqlContext,
): Promise<Filter> {
  if (input == null) return {};
  const { kinds, scans, baseline, collapsed, from, to, retractions, asOf } = input;
  checkLength(scans, 'scans');
  const scanIds = scans?.map((id) => readId('Scan', id));
  const ports = portsOf(input.ports, input.portRanges);
  return {
    ...(await sourceOf(input, context)),
    ...placeOf(input),
    ...present({ kinds, ports, scanIds, baseline, collapsed, from, to, retractions, asOf }),
  };
}

/** What is told as one finding is not announced one by one, unless the filter speaks of it. */
function announced(filter: Filter, input: typeof ChangeFilter.$inferInput | null | undefined): Filter {
  return input?.collapsed === undefined ? { ...filter, collapsed: false } : filter;
}

builder.queryField('changes', (t) =>
  t.connection(
    {
      type: Change,
      description:
        'The change log, the entry that was logged last first. The first cursor is where the subscription goes on.',
      args: { filter: t.arg({ type: ChangeFilter, description: 'Which entries; without it all.' }) },
      resolve: async (_, { filter, ...page }, context) =>
        connect(context.application.changes, await filterOf(filter, context), page),
    },
    ChangeConnection,
  ),
);

const ChangeEvent = builder.objectRef<LoggedChange>('ChangeEvent').implement({
  description: 'An entry was added to the change log.',
  fields: (t) => ({
    cursor: t.exposeString('id', { description: 'Place in the log; pass it as `after` to go on behind it.' }),
    change: t.field({ type: Change, description: 'The entry.', resolve: (change) => change }),
  }),
});

const ChangesEvent = builder.unionType('ChangesEvent', {
  description: 'An entry of the change log, or the last word of a subscription that ends.',
  types: [ChangeEvent, ...endings],
  resolveType: (event) => typeOfEvent(event, ChangeEvent),
});

builder.subscriptionField('changes', (t) =>
  t.field({
    type: ChangesEvent,
    description:
      'Entries of the change log, as they are added. Those that are told as part of one finding are left out, unless the filter speaks of `collapsed`.',
    args: {
      filter: t.arg({ type: ChangeFilter, description: 'Which entries; without it all that are announced.' }),
      after: t.arg.string({ description: 'First the entries behind this cursor; without it only new ones.' }),
    },
    subscribe: async (_, { filter, after }, context) => {
      const which = announced(await filterOf(filter, context), filter);
      const open = (signal: AbortSignal) =>
        context.application.changes.follow(which, after ?? undefined, signal);
      return follow(open, context.stopping);
    },
    resolve: (event) => unbroken(event),
  }),
);
