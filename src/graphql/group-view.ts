import { formatPortSet, portOf, protocolOf } from '../core/endpoint.ts';
import type { InconsistentSide as Side } from '../core/inconsistency.ts';
import type { LocatedInconsistency } from '../core/questions.ts';
import type { TwinCheck as Check, TwinDifference as Difference } from '../core/twins.ts';
import type { VantageCell as Cell, VantageRow as Row } from '../core/vantage.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { asOfRule, filterRule, placeFields, placeOf } from './filters.ts';
import type { GraphqlContext } from './loaders.ts';
import { connect, listingAsOf } from './page.ts';
import {
  AddressSpace,
  AddressSpaceSelector,
  Scan,
  Scanner,
  ScannerGroup,
  ScannerGroupSelector,
} from './refs.ts';
import { idsOf, type Selector } from './selectors.ts';
import { EndpointVerdict, Family, HostStatus, Protocol, Since } from './values.ts';

const InconsistentSide = builder.objectRef<Side>('InconsistentSide').implement({
  description: 'What one scanner of a group says where the group disagrees.',
  fields: (t) => ({
    scanner: t.field({
      type: Scanner,
      description: 'Who says so.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    verdict: t.expose('verdict', {
      type: EndpointVerdict,
      nullable: true,
      description: 'Of the endpoint; null where they disagree about the host.',
    }),
    status: t.expose('status', {
      type: HostStatus,
      nullable: true,
      description: 'Of the host; null where they disagree about an endpoint.',
    }),
    since: t.expose('since', { type: Since, nullable: true, description: 'Since when it says so.' }),
    lookedAt: t.expose('lookedAt', { type: 'DateTime', description: 'Its latest complete look there.' }),
    scan: t.field({
      type: Scan,
      description: 'The scan of that look.',
      resolve: ({ scan }, _, { loaders }) => loaders.scan(scan),
    }),
    scope: t.field({
      type: 'PortSet',
      description: 'The ports that it looked at.',
      resolve: ({ scope }) => formatPortSet(scope),
    }),
  }),
});

const Inconsistency = builder.objectRef<LocatedInconsistency>('Inconsistency').implement({
  description: 'Scanners of one group, which should see the same, do not.',
  fields: (t) => ({
    group: t.field({
      type: ScannerGroup,
      description: 'The group.',
      resolve: ({ groupId }, _, { loaders }) => loaders.scannerGroups.get(groupId),
    }),
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space of the address.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
    protocol: t.field({
      type: Protocol,
      nullable: true,
      description: 'The protocol; null where it is about the host.',
      resolve: ({ port }) => (port === undefined ? null : protocolOf(port)),
    }),
    port: t.field({
      type: 'Port',
      nullable: true,
      description: 'The port; null where it is about the host.',
      resolve: ({ port }) => (port === undefined ? null : portOf(port)),
    }),
    sides: t.field({
      type: [InconsistentSide],
      description: 'Every scanner of the group that looked there.',
      complexity: { field: 1, multiplier: 3 },
      resolve: ({ sides }) => [...sides],
    }),
  }),
});

const VantageCell = builder.objectRef<Cell>('VantageCell').implement({
  description: 'What one group says of an endpoint.',
  fields: (t) => ({
    group: t.field({
      type: ScannerGroup,
      description: 'Whose view it is.',
      resolve: ({ groupId }, _, { loaders }) => loaders.scannerGroups.get(groupId),
    }),
    verdict: t.expose('verdict', {
      type: EndpointVerdict,
      description: 'Open if any of its scanners says so.',
    }),
    lastVerifiedAt: t.expose('lastVerifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The latest complete look of any of its scanners; null where none looked.',
    }),
  }),
});

const VantageRow = builder.objectRef<Row>('VantageRow').implement({
  description: 'One endpoint as the groups see it. Different answers of different groups are normal.',
  fields: (t) => ({
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space of the address.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
    protocol: t.field({
      type: Protocol,
      description: 'The protocol.',
      resolve: ({ port }) => protocolOf(port),
    }),
    port: t.field({ type: 'Port', description: 'The port.', resolve: ({ port }) => portOf(port) }),
    cells: t.field({
      type: [VantageCell],
      description: 'One for each group that is asked.',
      complexity: { field: 1, multiplier: 3 },
      resolve: ({ cells }) => [...cells],
    }),
  }),
});

const TwinDifference = builder.objectRef<Difference>('TwinDifference').implement({
  description: 'A port that is open on one address of a machine and not on the other.',
  fields: (t) => ({
    protocol: t.field({
      type: Protocol,
      description: 'The protocol.',
      resolve: ({ port }) => protocolOf(port),
    }),
    port: t.field({ type: 'Port', description: 'The port.', resolve: ({ port }) => portOf(port) }),
    openOn: t.expose('openOn', { type: Family, description: 'The family where it is open.' }),
    other: t.expose('other', { type: EndpointVerdict, description: 'What is known of the other address.' }),
  }),
});

const TwinCheck = builder.objectRef<Check>('TwinCheck').implement({
  description:
    'An IPv4 and an IPv6 address that share a DNS name or hardware address, and where they differ.',
  fields: (t) => ({
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space of the addresses.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    v4: t.expose('v4', { type: 'IPAddress', description: 'The IPv4 address.' }),
    v6: t.expose('v6', { type: 'IPAddress', description: 'The IPv6 address.' }),
    names: t.stringList({ description: 'DNS names that both have.', resolve: ({ names }) => [...names] }),
    macs: t.field({
      type: ['MAC'],
      description: 'Hardware addresses that both have.',
      resolve: ({ macs }) => [...macs],
    }),
    openOnBoth: t.exposeInt('openOnBoth', { description: 'How many ports are open on both.' }),
    differences: t.field({
      type: [TwinDifference],
      description: 'Ports that are open on one only.',
      resolve: ({ differences }) => [...differences],
    }),
  }),
});

const InconsistencyFilter = builder.inputType('InconsistencyFilter', {
  description: `Which inconsistencies. ${filterRule}`,
  fields: (t) => ({
    addressSpaces: t.field({ type: [AddressSpaceSelector], description: 'In one of these address spaces.' }),
    scannerGroups: t.field({ type: [ScannerGroupSelector], description: 'Inside one of these groups.' }),
    ...placeFields(t),
    ports: t.field({ type: 'PortSet', description: 'About one of these ports.' }),
  }),
});

const VantageFilter = builder.inputType('VantageFilter', {
  description: `Which rows and columns. ${filterRule}`,
  fields: (t) => ({
    addressSpaces: t.field({ type: [AddressSpaceSelector], description: 'In one of these address spaces.' }),
    scannerGroups: t.field({
      type: [ScannerGroupSelector],
      description: 'The columns; without it all groups.',
    }),
    ...placeFields(t),
    name: t.string({ description: 'Part of a DNS name of the host, in upper or lower case.' }),
    ports: t.field({ type: 'PortSet', description: 'With one of these ports.' }),
    openIn: t.field({ type: [ScannerGroupSelector], description: 'Open as seen by all of these groups.' }),
    notOpenIn: t.field({ type: [ScannerGroupSelector], description: 'Not open as seen by all of these.' }),
  }),
});

const TwinFilter = builder.inputType('TwinFilter', {
  description: `Which pairs. ${filterRule}`,
  fields: (t) => ({
    addressSpaces: t.field({ type: [AddressSpaceSelector], description: 'In one of these address spaces.' }),
    scannerGroups: t.field({ type: [ScannerGroupSelector], description: 'As seen by these groups.' }),
    networks: t.field({ type: ['Network'], description: 'With one address inside one of these.' }),
    ports: t.field({ type: 'PortSet', description: 'Only these ports are compared.' }),
    includeEqual: t.boolean({ description: 'Also pairs without any difference.' }),
  }),
});

interface PlacesInput {
  readonly addressSpaces?: readonly Selector[] | null | undefined;
  readonly scannerGroups?: readonly Selector[] | null | undefined;
}

async function groupsOf({ addressSpaces, scannerGroups }: PlacesInput, { loaders }: GraphqlContext) {
  const [addressSpaceIds, scannerGroupIds] = await Promise.all([
    idsOf(loaders.addressSpaces, 'AddressSpace', addressSpaces),
    idsOf(loaders.scannerGroups, 'ScannerGroup', scannerGroups),
  ]);
  return present({ addressSpaceIds, scannerGroupIds });
}

async function vantageOf(
  input: typeof VantageFilter.$inferInput | null | undefined,
  context: GraphqlContext,
) {
  if (input == null) return {};
  const { name, ports } = input;
  const [openIn, notOpenIn] = await Promise.all(
    [input.openIn, input.notOpenIn].map((groups) =>
      idsOf(context.loaders.scannerGroups, 'ScannerGroup', groups),
    ),
  );
  return {
    ...(await groupsOf(input, context)),
    ...placeOf(input),
    ...present({ name, ports, openIn, notOpenIn }),
  };
}

const InconsistencyConnection = builder.connectionObject(
  { type: Inconsistency, name: 'InconsistencyConnection', description: 'A page of inconsistencies.' },
  { name: 'InconsistencyEdge' },
);

const VantageConnection = builder.connectionObject(
  { type: VantageRow, name: 'VantageConnection', description: 'A page of the vantage matrix.' },
  { name: 'VantageEdge' },
);

const TwinConnection = builder.connectionObject(
  { type: TwinCheck, name: 'TwinConnection', description: 'A page of twins.' },
  { name: 'TwinEdge' },
);

builder.queryFields((t) => ({
  inconsistencies: t.connection(
    {
      type: Inconsistency,
      description: 'What scanners of one group disagree about, by group, address and port.',
      args: { filter: t.arg({ type: InconsistencyFilter, description: 'Which ones; without it all.' }) },
      resolve: async (_, { filter, ...page }, context) => {
        const { ports, ...places } = filter ?? {};
        const wanted = { ...(await groupsOf(places, context)), ...placeOf(places), ...present({ ports }) };
        return connect(context.application.inconsistencies, wanted, page);
      },
    },
    InconsistencyConnection,
  ),
  vantageMatrix: t.connection(
    {
      type: VantageRow,
      description: 'Endpoints that are open as seen from anywhere, with the groups side by side.',
      args: {
        filter: t.arg({ type: VantageFilter, description: 'Which rows and columns; without it all.' }),
        asOf: t.arg({ type: 'DateTime', description: asOfRule }),
      },
      resolve: async (_, { filter, asOf, ...page }, context) =>
        connect(listingAsOf(context.application.vantage, asOf), await vantageOf(filter, context), page),
    },
    VantageConnection,
  ),
  twins: t.connection(
    {
      type: TwinCheck,
      description: 'IPv4 and IPv6 addresses of one machine that differ in what is open.',
      args: { filter: t.arg({ type: TwinFilter, description: 'Which pairs; without it all that differ.' }) },
      resolve: async (_, { filter, ...page }, context) => {
        const { ports, includeEqual, networks } = filter ?? {};
        const wanted = {
          ...(await groupsOf(filter ?? {}, context)),
          ...present({ ports, includeEqual, networks }),
        };
        return connect(context.application.twins, wanted, page);
      },
    },
    TwinConnection,
  ),
}));
