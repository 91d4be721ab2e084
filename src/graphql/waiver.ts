import type { WaiverInput } from '../core/drift-model.ts';
import { formatPortSet } from '../core/endpoint.ts';
import { BadInput, NotFound } from '../core/errors.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { DriftKind } from './drift-values.ts';
import { parseNumber, readId } from './global-id.ts';
import type { GraphqlContext } from './loaders.ts';
import { outcome } from './outcome.ts';
import { connectTable } from './page.ts';
import { AddressSpace, AddressSpaceSelector, ScannerGroup, ScannerGroupSelector, Waiver } from './refs.ts';
import { addressSpaceOf, get } from './selectors.ts';

builder.node(Waiver, {
  description:
    'Drift that somebody accepts until a date, for a reason. It is still assessed, and counted apart.',
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { application }) => application.drift.waivers.find(parseNumber(id) ?? 0),
  fields: (t) => ({
    addressSpace: t.field({
      type: AddressSpace,
      description: 'Where it holds.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    view: t.field({
      type: ScannerGroup,
      nullable: true,
      description: 'The scanner group as seen from which; null for any.',
      resolve: ({ scannerGroupId }, _, { loaders }) =>
        scannerGroupId === undefined ? null : loaders.scannerGroups.get(scannerGroupId),
    }),
    network: t.expose('network', { type: 'Network', description: 'The network or address.' }),
    ports: t.expose('ports', {
      type: 'PortSet',
      nullable: true,
      description: 'The ports; null for all, and for what is about the host.',
    }),
    kind: t.expose('kind', { type: DriftKind, nullable: true, description: 'The kind; null for all.' }),
    reason: t.exposeString('reason', { description: 'Why it is accepted.' }),
    owner: t.exposeString('owner', { description: 'Who answers for that.' }),
    ticket: t.exposeString('ticket', { nullable: true, description: 'Where it was decided.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was accepted.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'Until when.' }),
    revokedAt: t.expose('revokedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When somebody took it back; null where nobody did.',
    }),
  }),
});

const WaiverConnection = builder.connectionObject(
  { type: Waiver, name: 'WaiverConnection', description: 'A page of waivers.' },
  { name: 'WaiverEdge' },
);

builder.queryField('waivers', (t) =>
  t.connection(
    {
      type: Waiver,
      description: 'All waivers in the order in which they were made, also those that ended.',
      args: {
        addressSpace: t.arg({ type: AddressSpaceSelector, description: 'Of this space; without it all.' }),
      },
      resolve: async (_, { addressSpace, ...page }, { application, loaders }) => {
        const space =
          addressSpace == null ? undefined : await get(loaders.addressSpaces, 'AddressSpace', addressSpace);
        return connectTable(await application.drift.waivers.all(space?.id), page);
      },
    },
    WaiverConnection,
  ),
);

const WaiveDriftInput = builder.inputType('WaiveDriftInput', {
  description: 'What is accepted: one drift item, or everything in a network that fits.',
  fields: (t) => ({
    item: t.id({ description: 'The drift item; then no other field says what.' }),
    addressSpace: t.field({
      type: AddressSpaceSelector,
      description: 'Where; without it that of the scanner group, or `default`.',
    }),
    scannerGroup: t.field({
      type: ScannerGroupSelector,
      description: 'Seen from there; without it any view.',
    }),
    network: t.field({ type: 'Network', description: 'The network or address.' }),
    ports: t.field({ type: 'PortSet', description: 'The ports; without it all.' }),
    kind: t.field({ type: DriftKind, description: 'The kind; without it all.' }),
    reason: t.string({ required: true, description: 'Why it is accepted.' }),
    owner: t.string({ required: true, description: 'Who answers for that.' }),
    expiresAt: t.field({ type: 'DateTime', required: true, description: 'Until when.' }),
    ticket: t.string({ description: 'Where it was decided.' }),
  }),
});

const ExtendWaiverInput = builder.inputType('ExtendWaiverInput', {
  description: 'Another end of a waiver, also of one that has ended; it takes effect at once.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which waiver.' }),
    expiresAt: t.field({ type: 'DateTime', required: true, description: 'Until when.' }),
  }),
});

const RevokeWaiverInput = builder.inputType('RevokeWaiverInput', {
  description: 'Which waiver is taken back.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
});

async function waiverOf(
  input: typeof WaiveDriftInput.$inferInput,
  context: GraphqlContext,
): Promise<WaiverInput> {
  const { item, addressSpace, scannerGroup, network, ports, kind, ...rest } = input;
  const said = {
    reason: rest.reason,
    owner: rest.owner,
    expiresAt: rest.expiresAt,
    ...present({ ticket: rest.ticket }),
  };
  if (item != null) {
    const others = present({ addressSpace, scannerGroup, network, ports, kind });
    const [other] = Object.keys(others);
    if (other !== undefined) throw new BadInput(`"item" says what is accepted; leave "${other}" out`, other);
    return { itemId: readId('DriftItem', item), ...said };
  }
  if (network == null) throw new BadInput('Say what is accepted: "item" or "network"', 'network');
  const view =
    scannerGroup == null ? undefined : await get(context.loaders.scannerGroups, 'ScannerGroup', scannerGroup);
  const addressSpaceId =
    addressSpace == null && view !== undefined
      ? view.addressSpaceId
      : (await addressSpaceOf(context, addressSpace)).id;
  const portText = ports == null ? undefined : formatPortSet(ports);
  return {
    addressSpaceId,
    network,
    ...present({ scannerGroupId: view?.id, ports: portText, kind }),
    ...said,
  };
}

const errors = [BadInput, NotFound];

builder.mutationFields((t) => ({
  waiveDrift: t.field({
    type: Waiver,
    description: 'Accepts drift until a date. It is still assessed, and counted apart.',
    errors: outcome('waiver', 'The new waiver', errors),
    args: {
      input: t.arg({ type: WaiveDriftInput, required: true, description: 'What, why and until when.' }),
    },
    resolve: async (_, { input }, context) =>
      context.application.drift.waivers.create(await waiverOf(input, context)),
  }),
  extendWaiver: t.field({
    type: Waiver,
    description: 'Gives a waiver another end.',
    errors: outcome('waiver', 'The changed waiver', errors),
    args: {
      input: t.arg({ type: ExtendWaiverInput, required: true, description: 'Which one, until when.' }),
    },
    resolve: (_, { input: { id, expiresAt } }, { application }) =>
      application.drift.waivers.extend(readId('Waiver', id), expiresAt),
  }),
  revokeWaiver: t.field({
    type: Waiver,
    description: 'Takes a waiver back: what it accepted counts again at once.',
    errors: outcome('waiver', 'The waiver as it was taken back', errors),
    args: { input: t.arg({ type: RevokeWaiverInput, required: true, description: 'Which one.' }) },
    resolve: (_, { input: { id } }, { application }) =>
      application.drift.waivers.revoke(readId('Waiver', id)),
  }),
}));
