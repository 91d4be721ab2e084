import type { DifferenceLine, LineSymbol } from '../core/difference-lines.ts';
import type { ScanComparisonCounts } from '../core/questions.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { filterRule, placeFields, placeOf } from './filters.ts';
import { readId } from './global-id.ts';
import { connect } from './page.ts';
import { enumOf, PortRange, portsOf } from './values.ts';

const Difference = builder.enumType('ScanDifferenceKind', {
  description: 'In which way two scans differ.',
  values: {
    ADDED: { value: '+', description: 'There in the second scan only.' },
    REMOVED: { value: '-', description: 'There in the first scan only.' },
    CHANGED: { value: '~', description: 'There in both, and otherwise.' },
    NOT_COMPARABLE: { value: '?', description: 'There in one scan, where the other did not look.' },
  } satisfies Record<string, { value: LineSymbol; description: string }>,
});

const Subject = enumOf<DifferenceLine['subject']>('ScanDifferenceSubject', 'What two scans can differ in.', {
  host: 'Whether the host is up.',
  names: 'Its DNS names.',
  mac: 'Its hardware address.',
  port: 'The state of ports.',
  service: 'What is known of the service behind a port that is open in both.',
});

const ScanDifference = builder.objectRef<DifferenceLine>('ScanDifference').implement({
  description: 'One fact that two scans do not say alike.',
  fields: (t) => ({
    kind: t.expose('symbol', { type: Difference, description: 'In which way.' }),
    subject: t.expose('subject', { type: Subject, description: 'What differs.' }),
    address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
    ports: t.exposeString('ports', {
      nullable: true,
      description: 'As in `22/tcp` or `1-99/tcp`; null where it is about the host.',
    }),
    before: t.exposeString('before', { nullable: true, description: 'What the first scan says.' }),
    after: t.exposeString('after', { nullable: true, description: 'What the second scan says.' }),
    detail: t.exposeString('detail', {
      nullable: true,
      description: 'What else is known: names of the host, what was open, the service of a port.',
    }),
  }),
});

const numbers = {
  hostsAppeared: 'Hosts that are up in the second scan only.',
  hostsDisappeared: 'Hosts that are up in the first scan only.',
  hostsChanged: 'Hosts that are up in both, and differ.',
  hostsNotComparable: 'Hosts that are up in one scan, where the other did not look.',
  namesChanged: 'Hosts with other names.',
  portsOpened: 'Ports that are open in the second scan only.',
  portsClosed: 'Ports that are open in the first scan only.',
  portsChanged: 'Ports with another state, such as filtered for closed.',
  servicesChanged: 'Ports with another service.',
  portsNotComparable: 'Ports that are open in one scan, where the other did not look.',
} as const;

const ScanDifferenceCounts = builder.objectRef<ScanComparisonCounts>('ScanDifferenceCounts').implement({
  description: 'What two scans differ in, in numbers.',
  fields: (t) => ({
    ...Object.fromEntries(
      Object.entries(numbers).map(([name, description]) => [
        name,
        t.int({ description, resolve: (counts) => counts[name as keyof typeof numbers] }),
      ]),
    ),
    different: t.exposeBoolean('different', {
      description: 'Whether anything differs, apart from what cannot be compared.',
    }),
    comparable: t.exposeBoolean('comparable', {
      description:
        'False where the scans looked at different things: then they are neither equal nor different.',
    }),
    commonAddresses: t.expose('commonAddresses', {
      type: 'BigInt',
      description: 'Addresses that both looked at.',
    }),
  }),
});

const ScanDifferenceFilter = builder.inputType('ScanDifferenceFilter', {
  description: `Which differences. ${filterRule}`,
  fields: (t) => ({
    ...placeFields(t),
    ports: t.field({ type: 'PortSet', description: 'About one of these ports.' }),
    portRanges: t.field({
      type: [PortRange],
      description: 'The same as ranges; joined with `ports` by "or".',
    }),
    kinds: t.field({ type: [Difference], description: 'Of one of these kinds.' }),
    subjects: t.field({ type: [Subject], description: 'In one of these.' }),
  }),
});

const ScanDifferenceConnection = builder.connectionObject(
  { type: ScanDifference, name: 'ScanDifferenceConnection', description: 'A page of differences.' },
  { name: 'ScanDifferenceEdge' },
);

function comparisonOf(
  { a, b }: { a: string; b: string },
  input: typeof ScanDifferenceFilter.$inferInput | null | undefined,
) {
  const scans = { before: readId('Scan', a), after: readId('Scan', b) };
  if (input == null) return scans;
  const { kinds: symbols, subjects } = input;
  const ports = portsOf(input.ports, input.portRanges);
  return { ...scans, ...placeOf(input), ...present({ ports, symbols, subjects }) };
}

builder.queryFields((t) => ({
  compareScans: t.connection(
    {
      type: ScanDifference,
      description:
        'What two scans of any scanners say otherwise, fact by fact, in the order of addresses. Scans that do not count can be compared as well.',
      args: {
        a: t.arg.id({ required: true, description: 'The first scan.' }),
        b: t.arg.id({ required: true, description: 'The second scan.' }),
        filter: t.arg({ type: ScanDifferenceFilter, description: 'Which differences; without it all.' }),
      },
      resolve: (_, { a, b, filter, ...page }, { application }) =>
        connect(application.scanDifferences, comparisonOf({ a, b }, filter), page),
    },
    ScanDifferenceConnection,
  ),
  countScanDifferences: t.field({
    type: ScanDifferenceCounts,
    description: 'What two scans differ in, in numbers.',
    complexity: 500,
    args: {
      a: t.arg.id({ required: true, description: 'The first scan.' }),
      b: t.arg.id({ required: true, description: 'The second scan.' }),
      networks: t.arg({ type: ['Network'], description: 'Only inside one of these.' }),
    },
    resolve: (_, { a, b, networks }, { application }) =>
      application.scanDifferences.counts(comparisonOf({ a, b }, { networks })),
  }),
}));
