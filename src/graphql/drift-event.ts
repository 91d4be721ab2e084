import type * as drift from '../core/drift-model.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { itemFilterFields, itemFilterOf } from './drift-item.ts';
import { DriftCause, DriftEventKind } from './drift-values.ts';
import { filterRule } from './filters.ts';
import type { GraphqlContext } from './loaders.ts';
import { connect } from './page.ts';
import { AddressSpace, AddressSpaceSelector, DriftItem, Scan, TargetSource } from './refs.ts';
import { idsOf } from './selectors.ts';
import { endings, follow, typeOfEvent, unbroken } from './subscription.ts';

const DriftEventCounts = builder
  .objectRef<NonNullable<drift.DriftEvent['counts']>>('DriftEventCounts')
  .implement({
    description: 'What an import did to drift.',
    fields: (t) => ({
      opened: t.exposeInt('opened', { description: 'Items that it opened.' }),
      resolved: t.exposeInt('resolved', { description: 'Items that it resolved.' }),
    }),
  });

const DriftEvent = builder.objectRef<drift.DriftEvent>('DriftEvent').implement({
  description: 'One entry of the drift log.',
  fields: (t) => ({
    cursor: t.string({
      description: 'Place in the log; pass it as `after` to go on behind it.',
      resolve: ({ sequence }) => String(sequence),
    }),
    kind: t.expose('kind', { type: DriftEventKind, description: 'What happened.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it happened.' }),
    cause: t.expose('cause', { type: DriftCause, description: 'Because of what.' }),
    addressSpace: t.field({
      type: AddressSpace,
      description: 'Where.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    item: t.field({
      type: DriftItem,
      nullable: true,
      description: 'The drift item as it was then; null of an import as a whole.',
      resolve: ({ item }) => item ?? null,
    }),
    scan: t.field({
      type: Scan,
      nullable: true,
      description: 'The scan that did it; null where none did.',
      resolve: ({ scanId }, _, { loaders }) => (scanId === undefined ? null : loaders.scan(scanId)),
    }),
    source: t.field({
      type: TargetSource,
      nullable: true,
      description: 'The target source whose import did it; null where none did.',
      resolve: ({ sourceId }, _, { loaders }) =>
        sourceId === undefined ? null : loaders.targetSources.find(sourceId),
    }),
    revision: t.exposeInt('revision', {
      nullable: true,
      description: 'The revision that the import made; null where none did.',
    }),
    counts: t.expose('counts', {
      type: DriftEventCounts,
      nullable: true,
      description: 'Of an import as a whole; else null.',
    }),
  }),
});

const DriftEventFilter = builder.inputType('DriftEventFilter', {
  description:
    `Which events. ${filterRule} Events of an import as a whole have no item: ` +
    '`events`, `kinds`, `causes` and `addressSpaces` alone decide on them.',
  fields: (t) => ({
    events: t.field({ type: [DriftEventKind], description: 'Of one of these kinds of event.' }),
    causes: t.field({ type: [DriftCause], description: 'Because of one of these.' }),
    ...itemFilterFields(t),
  }),
});

async function filterOf(
  input: typeof DriftEventFilter.$inferInput | null | undefined,
  context: GraphqlContext,
): Promise<drift.DriftEventFilter> {
  return input == null ? {} : itemFilterOf(input, context);
}

const DriftEventConnection = builder.connectionObject(
  { type: DriftEvent, name: 'DriftEventConnection', description: 'A page of the drift log.' },
  { name: 'DriftEventEdge' },
);

builder.queryField('driftEvents', (t) =>
  t.connection(
    {
      type: DriftEvent,
      description:
        'The drift log, the newest entry first. The first cursor is where the subscription `drift` goes on.',
      args: { filter: t.arg({ type: DriftEventFilter, description: 'Which events; without it all.' }) },
      resolve: async (_, { filter, ...page }, context) =>
        connect(context.application.drift.events, await filterOf(filter, context), page),
    },
    DriftEventConnection,
  ),
);

const DriftSubscriptionEvent = builder.unionType('DriftSubscriptionEvent', {
  description: 'An entry of the drift log, or the last word of a subscription that ends.',
  types: [DriftEvent, ...endings],
  resolveType: (event) => typeOfEvent(event, DriftEvent),
});

function followed(filter: drift.DriftEventFilter, after: string | null | undefined, context: GraphqlContext) {
  const open = (signal: AbortSignal) => context.application.drift.follow(filter, after ?? undefined, signal);
  return follow(open, context.stopping);
}

builder.subscriptionFields((t) => ({
  drift: t.field({
    type: DriftSubscriptionEvent,
    description: 'What happens to drift, as it happens. Together with `driftItems` it always adds up.',
    args: {
      filter: t.arg({ type: DriftEventFilter, description: 'Which events; without it all.' }),
      after: t.arg.string({ description: 'First the events behind this cursor; without it only new ones.' }),
    },
    subscribe: async (_, { filter, after }, context) =>
      followed(await filterOf(filter, context), after, context),
    resolve: (event) => unbroken(event),
  }),
  targetImports: t.field({
    type: DriftSubscriptionEvent,
    description: 'Imports that changed a target, as they are applied: one event each, with counts.',
    args: {
      addressSpaces: t.arg({ type: [AddressSpaceSelector], description: 'In one of these; without it all.' }),
      after: t.arg.string({ description: 'First the events behind this cursor; without it only new ones.' }),
    },
    subscribe: async (_, { addressSpaces, after }, context) => {
      const addressSpaceIds = await idsOf(context.loaders.addressSpaces, 'AddressSpace', addressSpaces);
      return followed({ events: ['imported'], ...present({ addressSpaceIds }) }, after, context);
    },
    resolve: (event) => unbroken(event),
  }),
}));
