import type * as drift from '../core/drift-model.ts';
import { portOf, protocolOf } from '../core/endpoint.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { DriftCause, DriftKind, DriftSide, DriftState, UnverifiableReason } from './drift-values.ts';
import { driftAsOfRule, filterRule, type InputFields, placeFields, placeOf } from './filters.ts';
import { parseNumber } from './global-id.ts';
import type { GraphqlContext } from './loaders.ts';
import { connect, listingAsOf, type PageArguments } from './page.ts';
import {
  AddressSpace,
  AddressSpaceSelector,
  DriftItem,
  DriftItemConnection,
  Endpoint,
  Host,
  Scan,
  ScannerGroup,
  ScannerGroupSelector,
  TargetStatement,
  Waiver,
} from './refs.ts';
import { checkLength, idsOf, type Selector } from './selectors.ts';
import { PortRange, Protocol, portsOf } from './values.ts';

const Acknowledgement = builder
  .objectRef<NonNullable<drift.DriftItem['acknowledged']>>('Acknowledgement')
  .implement({
    description: 'Somebody has seen a drift item; it still counts.',
    fields: (t) => ({
      at: t.expose('at', { type: 'DateTime', description: 'When.' }),
      by: t.exposeString('by', { description: 'Who.' }),
      note: t.exposeString('note', { description: 'What they said.' }),
    }),
  });

const Unverifiable = builder
  .objectRef<NonNullable<drift.DriftItem['unverifiable']>>('Unverifiable')
  .implement({
    description: 'The evidence of a drift item went: it stays open, and nothing proves it.',
    fields: (t) => ({
      reason: t.expose('reason', { type: UnverifiableReason, description: 'Why nobody can say.' }),
      since: t.expose('since', { type: 'DateTime', description: 'Since when.' }),
    }),
  });

builder.node(DriftItem, {
  description:
    'One deviation of what is from what should be, through all its episodes: of one view, address, port and side.',
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { application }) => {
    const number = parseNumber(id);
    return number === undefined ? undefined : application.drift.items.find(number);
  },
  fields: (t) => ({
    kind: t.expose('kind', {
      type: DriftKind,
      description: 'How it deviates; it may change with the target.',
    }),
    side: t.expose('side', { type: DriftSide, description: 'On which side something is wrong.' }),
    state: t.expose('state', { type: DriftState, description: 'Whether it lasts.' }),
    view: t.field({
      type: ScannerGroup,
      description: 'The scanner group as seen from which it deviates.',
      resolve: ({ scannerGroupId }, _, { loaders }) => loaders.scannerGroups.get(scannerGroupId),
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
    host: t.field({
      type: Host,
      nullable: true,
      description: 'The host; null where no scanner knows it.',
      complexity: 5,
      resolve: ({ addressSpaceId, address, asOf }, _, { loaders }) =>
        loaders.host({ addressSpaceId, address }, { asOf }),
    }),
    endpoint: t.field({
      type: Endpoint,
      nullable: true,
      description: 'The endpoint; null where it is about the host.',
      complexity: 5,
      resolve: ({ addressSpaceId, address, port, asOf }, _, { loaders }) =>
        port === undefined ? null : loaders.endpoint({ addressSpaceId, address, port }, { asOf }),
    }),
    statement: t.field({
      type: TargetStatement,
      nullable: true,
      description: 'The statement that decides; null for what nobody declared.',
      complexity: 5,
      resolve: ({ statementId }, _, { loaders }) =>
        statementId === undefined ? null : loaders.statement(statementId),
    }),
    owner: t.exposeString('owner', { nullable: true, description: 'Who answers for it.' }),
    ticket: t.exposeString('ticket', { nullable: true, description: 'The ticket of the statement.' }),
    scan: t.field({
      type: Scan,
      nullable: true,
      description: 'The scan that opened or resolved it last; null where none did.',
      resolve: ({ scanId }, _, { loaders }) => (scanId === undefined ? null : loaders.scan(scanId)),
    }),
  }),
});

builder.objectFields(DriftItem, (t) => ({
  episode: t.exposeInt('episode', { description: 'How often it has opened.' }),
  firstOpenedAt: t.expose('firstOpenedAt', {
    type: 'DateTime',
    description: 'When it opened for the first time.',
  }),
  openedAt: t.expose('openedAt', { type: 'DateTime', description: 'When it opened last.' }),
  openedBy: t.expose('openedBy', { type: DriftCause, description: 'What made it open.' }),
  resolvedAt: t.expose('resolvedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'When it resolved; null while it is open.',
  }),
  resolvedBy: t.expose('resolvedBy', {
    type: DriftCause,
    nullable: true,
    description: 'What made it resolve; null while it is open.',
  }),
  acknowledged: t.expose('acknowledged', {
    type: Acknowledgement,
    nullable: true,
    description: 'Who has seen it; null where nobody has.',
  }),
  waiver: t.field({
    type: Waiver,
    nullable: true,
    description: 'The waiver that ends last of those that hold for it; null where none does.',
    complexity: 5,
    resolve: ({ waiverId }, _, { application }) =>
      waiverId === undefined ? null : application.drift.waivers.find(waiverId),
  }),
  unverifiable: t.expose('unverifiable', {
    type: Unverifiable,
    nullable: true,
    description: 'Why nobody can say whether it lasts; null where somebody can.',
  }),
  flapping: t.exposeBoolean('flapping', {
    description: 'It opened and resolved again and again in a short time.',
  }),
}));

/** The fields that the filters of items and of events share. */
export function itemFilterFields(t: InputFields) {
  return {
    addressSpaces: t.field({ type: [AddressSpaceSelector], description: 'In one of these address spaces.' }),
    scannerGroups: t.field({ type: [ScannerGroupSelector], description: 'Seen from one of these views.' }),
    ...placeFields(t),
    ports: t.field({ type: 'PortSet', description: 'About one of these ports.' }),
    portRanges: t.field({
      type: [PortRange],
      description: 'The same as ranges; joined with `ports` by "or".',
    }),
    kinds: t.field({ type: [DriftKind], description: 'Of one of these kinds.' }),
    sides: t.field({ type: [DriftSide], description: 'On one of these sides.' }),
    owners: t.stringList({ description: 'Of one of these owners.' }),
    acknowledged: t.boolean({ description: 'Only what somebody has seen, or only the others.' }),
    waived: t.boolean({ description: 'Only what is accepted for now, or only the others.' }),
    unverifiable: t.boolean({ description: 'Only where the evidence went, or only the others.' }),
    flapping: t.boolean({ description: 'Only what comes and goes, or only the others.' }),
  };
}

/** Which drift items are wanted. */
export const DriftFilter = builder.inputType('DriftFilter', {
  description: `Which drift items; open ones unless \`states\` says otherwise. ${filterRule}`,
  fields: (t) => ({
    ...itemFilterFields(t),
    states: t.field({ type: [DriftState], description: 'In one of these states; `[OPEN]` unless told.' }),
    causes: t.field({ type: [DriftCause], description: 'Opened by one of these.' }),
    openedAfter: t.field({ type: 'DateTime', description: 'Opened last at this time or later.' }),
    openedBefore: t.field({ type: 'DateTime', description: 'Opened last before this time.' }),
  }),
});

interface ItemFilterInput {
  readonly addressSpaces?: readonly Selector[] | null | undefined;
  readonly scannerGroups?: readonly Selector[] | null | undefined;
  readonly owners?: readonly string[] | null | undefined;
  readonly networks?: Parameters<typeof placeOf>[0]['networks'];
  readonly families?: Parameters<typeof placeOf>[0]['families'];
  readonly ports?: Parameters<typeof portsOf>[0];
  readonly portRanges?: Parameters<typeof portsOf>[1];
}

/** A filter with its places in the terms of the store; the rest of it stays. Throws NotFound, BadInput. */
export async function itemFilterOf<Input extends ItemFilterInput>(
  { addressSpaces, scannerGroups, networks, families, ports, portRanges, ...rest }: Input,
  { loaders }: GraphqlContext,
) {
  checkLength(rest.owners, 'owners');
  const [addressSpaceIds, scannerGroupIds] = await Promise.all([
    idsOf(loaders.addressSpaces, 'AddressSpace', addressSpaces),
    idsOf(loaders.scannerGroups, 'ScannerGroup', scannerGroups),
  ]);
  return {
    ...placeOf({ networks, families }),
    ...present({ addressSpaceIds, scannerGroupIds, ports: portsOf(ports, portRanges) }),
    ...present(rest),
  };
}

/** The filter in the terms of the store. Throws NotFound, BadInput. */
export async function driftFilterOf(
  input: typeof DriftFilter.$inferInput | null | undefined,
  context: GraphqlContext,
): Promise<drift.DriftFilter> {
  return input == null ? {} : itemFilterOf(input, context);
}

interface ItemArguments extends PageArguments {
  readonly filter?: typeof DriftFilter.$inferInput | null | undefined;
  readonly asOf?: number | null | undefined;
}

async function itemsOf({ filter, asOf, ...page }: ItemArguments, context: GraphqlContext) {
  const listing = listingAsOf(context.application.drift.items, asOf);
  return connect(listing, await driftFilterOf(filter, context), page);
}

builder.queryFields((t) => ({
  driftItems: t.connection(
    {
      type: DriftItem,
      description:
        'What deviates, by view, address, port and side; open items unless the filter says otherwise.',
      args: {
        filter: t.arg({ type: DriftFilter, description: 'Which ones; without it all that are open.' }),
        asOf: t.arg({ type: 'DateTime', description: driftAsOfRule }),
      },
      resolve: (_, args, context) => itemsOf(args, context),
    },
    DriftItemConnection,
  ),
  driftAsOf: t.connection(
    {
      type: DriftItem,
      description: 'What deviated at a past moment: the same as `driftItems` with `asOf`.',
      args: {
        at: t.arg({ type: 'DateTime', required: true, description: 'At which moment.' }),
        filter: t.arg({ type: DriftFilter, description: 'Which ones; without it all.' }),
      },
      resolve: (_, { at, ...args }, context) => itemsOf({ ...args, asOf: at }, context),
    },
    DriftItemConnection,
  ),
}));
