import { portOf, protocolOf } from '../core/endpoint.ts';
import type { Period as CorePeriod, FleetCount as Count } from '../core/fleet.ts';
import type { Gap as CoreGap } from '../core/gaps.ts';
import type { ScannerHistory as History } from '../core/history.ts';
import type { ScanChange } from '../core/timeline.ts';
import { builder } from './builder.ts';
import { ChangeFacts, RetractionReason } from './change.ts';
import { present } from './defined.ts';
import { placeFields, placeOf, sourceFields, sourceOf } from './filters.ts';
import { Endpoint, Host, Scan, Scanner } from './refs.ts';
import { ChangeKind, enumOf, Protocol } from './values.ts';

const HistoryEntry = builder.objectRef<ScanChange>('HistoryEntry').implement({
  description: 'Something that happened and still holds, in the order of the timeline.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ChangeKind, description: 'What happened.' }),
    baseline: t.exposeBoolean('baseline', { description: 'First observed, not newly happened.' }),
    at: t.expose('at', { type: 'DateTime', description: 'Observation time of the scan that decided.' }),
    observedAt: t.expose('observedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the host itself was looked at, where the report says so.',
    }),
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
    before: t.expose('before', { type: ChangeFacts, nullable: true, description: 'What was known before.' }),
    after: t.expose('after', { type: ChangeFacts, description: 'What is known since.' }),
    confirmations: t.exposeInt('confirmations', { description: 'How many consecutive looks said so.' }),
    reason: t.expose('reason', {
      type: RetractionReason,
      nullable: true,
      description: '`HOST_FORGOTTEN` where no scan saw it: a person said so. Else null.',
    }),
    scan: t.field({
      type: Scan,
      description: 'The scan that decided.',
      resolve: ({ scan }, _, { loaders }) => loaders.scan(scan),
    }),
  }),
});

const Gap = builder.objectRef<CoreGap>('Gap').implement({
  description: 'A stretch of time in which nobody looked, longer than a look was to be expected.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'The last look before it.' }),
    to: t.expose('to', {
      type: 'DateTime',
      nullable: true,
      description: 'The look that ended it; null where it lasts.',
    }),
  }),
});

const ScannerHistory = builder.objectRef<History>('ScannerHistory').implement({
  description: 'What one scanner saw of a host or endpoint over time.',
  fields: (t) => ({
    scanner: t.field({
      type: Scanner,
      description: 'Who saw it.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    begins: t.expose('begins', {
      type: 'DateTime',
      nullable: true,
      description:
        'Nothing but the last changes is kept from before: it was pruned, or the host was forgotten.',
    }),
    entries: t.field({
      type: [HistoryEntry],
      description: 'What happened.',
      resolve: ({ entries }) => [...entries],
    }),
    looks: t.exposeInt('looks', { description: 'Complete scans that looked there.' }),
    firstLookAt: t.expose('firstLookAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The first of them.',
    }),
    lastLookAt: t.expose('lastLookAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The last of them.',
    }),
    gaps: t.field({
      type: [Gap],
      description: 'When nobody looked.',
      resolve: ({ gaps }) => [...gaps],
    }),
  }),
});

builder.objectField(Host, 'history', (t) =>
  t.field({
    type: [ScannerHistory],
    description: 'Its timeline with that of its endpoints, by scanner.',
    complexity: { field: 20, multiplier: 5 },
    resolve: async ({ addressSpaceId, address }, _, { loaders }) => [
      ...(await loaders.history({ addressSpaceId, address }, null)),
    ],
  }),
);

builder.objectField(Endpoint, 'history', (t) =>
  t.field({
    type: [ScannerHistory],
    description: 'Its timeline with that of its host, by scanner.',
    complexity: { field: 20, multiplier: 5 },
    resolve: async ({ addressSpaceId, address, port }, _, { loaders }) => [
      ...(await loaders.history({ addressSpaceId, address, port }, null)),
    ],
  }),
);

const Period = enumOf<CorePeriod>('Period', 'A stretch of the calendar, in UTC.', {
  day: 'From midnight to midnight.',
  week: 'From Monday to Monday.',
  month: 'From the first of a month to the first of the next.',
});

const FleetCount = builder.objectRef<Count>('FleetCount').implement({
  description: 'How many addresses had a port open in one period.',
  fields: (t) => ({
    from: t.expose('from', { type: 'DateTime', description: 'Beginning of the period.' }),
    to: t.expose('to', { type: 'DateTime', description: 'End of the period, which does not belong to it.' }),
    network: t.expose('network', {
      type: 'Network',
      nullable: true,
      description: 'The network; null where all are counted together.',
    }),
    addresses: t.exposeInt('addresses', { description: 'Had one of the ports open at any moment of it.' }),
    atEnd: t.exposeInt('atEnd', { description: 'Still had one open at its end.' }),
  }),
});

const FleetFilter = builder.inputType('FleetFilter', {
  description: 'Which part of the network is counted, and whose view. All fields are joined by "and".',
  fields: (t) => ({ ...sourceFields(t), ...placeFields(t) }),
});

builder.queryField('openOverTime', (t) =>
  t.field({
    type: [FleetCount],
    description:
      'How many addresses had one of the ports open, by period and network, whichever scanner saw it. Networks without any are left out.',
    complexity: { field: 500, multiplier: 10 },
    args: {
      ports: t.arg({ type: 'PortSet', required: true, description: 'Which ports.' }),
      from: t.arg({ type: 'DateTime', required: true, description: 'From the period of this moment on.' }),
      to: t.arg({
        type: 'DateTime',
        required: true,
        description:
          'Up to this moment, which does not belong to it: a period that begins here is left out, one that goes on is counted so far.',
      }),
      period: t.arg({
        type: Period,
        required: true,
        defaultValue: 'week',
        description: 'How long a period is.',
      }),
      prefixV4: t.arg.int({
        description: 'Count IPv4 by networks of this prefix length, 0 to 32, such as 24.',
      }),
      prefixV6: t.arg.int({
        description: 'Count IPv6 by networks of this prefix length, 0 to 128; 64 where only IPv4 has one.',
      }),
      filter: t.arg({ type: FleetFilter, description: 'Which addresses and scanners; without it all.' }),
    },
    resolve: async (_, { prefixV4, prefixV6, filter, ...question }, context) => {
      const isByNetwork = prefixV4 != null || prefixV6 != null;
      const prefix = isByNetwork ? { v4: prefixV4 ?? 24, v6: prefixV6 ?? 64 } : undefined;
      const places = filter == null ? {} : { ...(await sourceOf(filter, context)), ...placeOf(filter) };
      const counts = await context.application.history.fleet({
        ...question,
        ...places,
        ...present({ prefix }),
      });
      return [...counts];
    },
  }),
);
