import type {
  ScanFilter as Filter,
  ScanEvent as LoggedScanEvent,
  ScannerEvent as LoggedScannerEvent,
  ScanStatus as Status,
} from '../core/model.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { filterRule, sourceFields, sourceOf } from './filters.ts';
import { parseNumber, readId } from './global-id.ts';
import type { GraphqlContext } from './loaders.ts';
import { connect } from './page.ts';
import { Receipt } from './receipt.ts';
import { AddressSpace, Change, ChangeConnection, Scan, ScanConnection, Scanner } from './refs.ts';
import { endings, follow, typeOfEvent, unbroken } from './subscription.ts';
import { enumOf } from './values.ts';

const ScanStatus = enumOf<Status>('ScanStatus', 'Whether a scan counts.', {
  applied: 'It counts for states and changes.',
  held: 'It would close suspiciously much: stored, but it does not count until somebody decides.',
  discarded: 'Somebody decided that it does not count.',
});

builder.node(Scan, {
  description: 'One finished or broken-off run of one scanner, as it was taken in.',
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { application }) => {
    const number = parseNumber(id);
    return number === undefined ? undefined : application.scans.find(number);
  },
  fields: (t) => ({
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space it looked at.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    scanner: t.field({
      type: Scanner,
      description: 'Who looked.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    digest: t.exposeString('digest', {
      description: 'Of the bytes of the report; the same report is taken in once.',
    }),
    status: t.expose('status', { type: ScanStatus, description: 'Whether it counts.' }),
    at: t.expose('at', {
      type: 'DateTime',
      description: "Observation time: its place on the scanner's timeline.",
    }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When it was taken in.' }),
    complete: t.exposeBoolean('complete', {
      description: 'It reached its end. A partial scan opens, confirms and adds; it never closes.',
    }),
    receipt: t.expose('receipt', { type: Receipt, description: 'What became of the report.' }),
    changes: t.connection(
      {
        type: Change,
        description: 'The entries of the change log that this scan decided.',
        resolve: ({ id }, page, { application }) => connect(application.changes, { scanIds: [id] }, page),
      },
      ChangeConnection,
    ),
  }),
});

const ScanFilter = builder.inputType('ScanFilter', {
  description: `Which scans. ${filterRule}`,
  fields: (t) => ({
    ...sourceFields(t),
    statuses: t.field({ type: [ScanStatus], description: 'With one of these statuses.' }),
    complete: t.boolean({ description: 'Only complete, or only partial ones.' }),
    from: t.field({ type: 'DateTime', description: 'Observed at this time or later.' }),
    to: t.field({ type: 'DateTime', description: 'Observed at this time or earlier.' }),
  }),
});

async function filterOf(
  input: typeof ScanFilter.$inferInput | null | undefined,
  context: GraphqlContext,
): Promise<Filter> {
  if (input == null) return {};
  const { statuses, complete, from, to } = input;
  return { ...(await sourceOf(input, context)), ...present({ statuses, complete, from, to }) };
}

builder.queryFields((t) => ({
  scans: t.connection(
    {
      type: Scan,
      description: 'Scans in the order of their observation time, the latest first.',
      args: { filter: t.arg({ type: ScanFilter, description: 'Which ones; without it all.' }) },
      resolve: async (_, { filter, ...page }, context) =>
        connect(context.application.scans, await filterOf(filter, context), page),
    },
    ScanConnection,
  ),
  scan: t.field({
    type: Scan,
    nullable: true,
    description: 'One scan with its receipt; null where there is none.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, { application }) => application.scans.find(readId('Scan', id)),
  }),
}));

const ScanEventKind = enumOf<LoggedScanEvent['kind']>('ScanEventKind', 'What can happen to a scan.', {
  scan_applied: 'It was taken in and counts.',
  scan_held: 'It was taken in and waits for a decision.',
  scan_released: 'It was held and counts now.',
  scan_discarded: 'It does not count any more.',
  scan_restored: 'It was discarded and counts again.',
  bogus_responders:
    'It brought so many new open ports of one host, or one port of one network, that they are one finding.',
  clock_skewed: 'It says that it ended in the future: the clock of its scanner is fast.',
});

const ScanEvent = builder.objectRef<LoggedScanEvent>('ScanEvent').implement({
  description: 'Something happened to a scan.',
  fields: (t) => ({
    cursor: t.string({
      description: 'Place of the event; pass it as `after` to go on behind it.',
      resolve: ({ sequence }) => String(sequence),
    }),
    kind: t.expose('kind', { type: ScanEventKind, description: 'What happened.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    scan: t.expose('scan', { type: Scan, description: 'The scan.' }),
  }),
});

const ScannerEventKind = enumOf<LoggedScannerEvent['kind']>(
  'ScannerEventKind',
  'What can happen to a scanner.',
  {
    scanner_overdue: 'Its scan did not come when it was due.',
  },
);

const ScannerEvent = builder.objectRef<LoggedScannerEvent>('ScannerEvent').implement({
  description: 'Something happened to a scanner without any scan.',
  fields: (t) => ({
    cursor: t.string({
      description: 'Place of the event; pass it as `after` to go on behind it.',
      resolve: ({ sequence }) => String(sequence),
    }),
    kind: t.expose('kind', { type: ScannerEventKind, description: 'What happened.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was noticed.' }),
    scanner: t.field({
      type: Scanner,
      description: 'The scanner.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'When its scan was due.' }),
  }),
});

const ScansEvent = builder.unionType('ScansEvent', {
  description: 'Something happened to a scan or a scanner, or the last word of a subscription that ends.',
  types: [ScanEvent, ScannerEvent, ...endings],
  resolveType: (event) => typeOfEvent(event, 'dueAt' in event ? ScannerEvent : ScanEvent),
});

builder.subscriptionField('scans', (t) =>
  t.field({
    type: ScansEvent,
    description: 'What happens to scans, as it happens.',
    args: {
      filter: t.arg({ type: ScanFilter, description: 'Which ones; without it all.' }),
      after: t.arg.string({ description: 'First what happened behind this cursor.' }),
    },
    subscribe: async (_, { filter, after }, context) => {
      const which = await filterOf(filter, context);
      const open = (signal: AbortSignal) =>
        context.application.scans.follow(which, after ?? undefined, signal);
      return follow(open, context.stopping);
    },
    resolve: (event) => unbroken(event),
  }),
);
