import { portOf, protocolOf } from '../core/endpoint.ts';
import type { DifferenceCounts as Counts, LocatedDifference } from '../core/history.ts';
import type { DifferenceFact as Fact } from '../core/state-difference.ts';
import { builder } from './builder.ts';
import { ChangeFacts } from './change.ts';
import { present } from './defined.ts';
import { filterRule, placeFields, placeOf, sourceFields, sourceOf } from './filters.ts';
import { connect } from './page.ts';
import { AddressSpace, Scan, Scanner } from './refs.ts';
import { enumOf, PortRange, Protocol, portsOf } from './values.ts';

const DifferenceFact = enumOf<Fact>('DifferenceFact', 'What two moments can differ in.', {
  host: 'Whether the host is up.',
  names: 'Its DNS names.',
  port: 'Whether a port is open.',
  service: 'The product or version behind an open port.',
});

const StateDifference = builder.objectRef<LocatedDifference>('StateDifference').implement({
  description: 'One fact that is not the same at two moments, as one scanner sees it.',
  fields: (t) => ({
    fact: t.expose('fact', { type: DifferenceFact, description: 'What differs.' }),
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
    scanner: t.field({
      type: Scanner,
      description: 'Who sees it so.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    before: t.expose('before', {
      type: ChangeFacts,
      nullable: true,
      description: 'At the first moment; null where nothing was known.',
    }),
    after: t.expose('after', { type: ChangeFacts, description: 'At the second moment.' }),
    baseline: t.exposeBoolean('baseline', {
      description: 'Nobody had looked at the first moment: first observed, not newly happened.',
    }),
    changes: t.exposeInt('changes', { description: 'How many entries of the log lie between.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When the last of them was observed.' }),
    scan: t.field({
      type: Scan,
      description: 'The scan that decided the last of them.',
      resolve: ({ scan }, _, { loaders }) => loaders.scan(scan),
    }),
  }),
});

const DifferenceCounts = builder.objectRef<Counts>('DifferenceCounts').implement({
  description: 'How many facts differ.',
  fields: (t) => ({
    host: t.exposeInt('host', { description: 'Hosts that are up at one moment only.' }),
    names: t.exposeInt('names', { description: 'Hosts with other names.' }),
    port: t.exposeInt('port', { description: 'Ports that are open at one moment only.' }),
    service: t.exposeInt('service', { description: 'Open ports with another product or version.' }),
    baseline: t.exposeInt('baseline', {
      description: 'Those among them that were first observed in between.',
    }),
  }),
});

const DifferenceFilter = builder.inputType('DifferenceFilter', {
  description: `Which differences. ${filterRule}`,
  fields: (t) => ({
    ...sourceFields(t),
    ...placeFields(t),
    ports: t.field({ type: 'PortSet', description: 'About one of these ports.' }),
    portRanges: t.field({
      type: [PortRange],
      description: 'The same as ranges; joined with `ports` by "or".',
    }),
    facts: t.field({ type: [DifferenceFact], description: 'Of one of these facts.' }),
    baseline: t.boolean({ description: 'Only what was first observed in between, or only the others.' }),
  }),
});

const StateDifferenceConnection = builder.connectionObject(
  {
    type: StateDifference,
    name: 'StateDifferenceConnection',
    description: 'A page of differences.',
  },
  { name: 'StateDifferenceEdge' },
);

async function filterOf(
  input: typeof DifferenceFilter.$inferInput | null | undefined,
  context: Parameters<typeof sourceOf>[1],
) {
  if (input == null) return {};
  const { facts, baseline } = input;
  const ports = portsOf(input.ports, input.portRanges);
  return { ...(await sourceOf(input, context)), ...placeOf(input), ...present({ ports, facts, baseline }) };
}

builder.queryFields((t) => ({
  compareStates: t.connection(
    {
      type: StateDifference,
      description: 'What differs between two moments, in the order of addresses, scanners and ports.',
      args: {
        from: t.arg({ type: 'DateTime', required: true, description: 'The first moment.' }),
        to: t.arg({ type: 'DateTime', required: true, description: 'The second moment.' }),
        filter: t.arg({ type: DifferenceFilter, description: 'Which differences; without it all.' }),
      },
      resolve: async (_, { from, to, filter, ...page }, context) =>
        connect(context.application.differences, { ...(await filterOf(filter, context)), from, to }, page),
    },
    StateDifferenceConnection,
  ),
  countStateDifferences: t.field({
    type: DifferenceCounts,
    description: 'How many facts differ between two moments.',
    complexity: 500,
    args: {
      from: t.arg({ type: 'DateTime', required: true, description: 'The first moment.' }),
      to: t.arg({ type: 'DateTime', required: true, description: 'The second moment.' }),
      filter: t.arg({ type: DifferenceFilter, description: 'Which differences; without it all.' }),
    },
    resolve: async (_, { from, to, filter }, context) =>
      context.application.differences.counts({ ...(await filterOf(filter, context)), from, to }),
  }),
}));
