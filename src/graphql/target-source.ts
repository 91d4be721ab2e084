import type { GroupMember } from '../core/target-model.ts';
import { builder, tableCost } from './builder.ts';
import { defined, present } from './defined.ts';
import { parseNumber, readId } from './global-id.ts';
import { firstArgument, listCost, offsetArgument, partOf } from './lists.ts';
import { creationErrors, outcome, removalErrors, updateErrors } from './outcome.ts';
import { connect, connectTable } from './page.ts';
import {
  AddressSpace,
  AddressSpaceSelector,
  TargetRevision,
  TargetRevisionConnection,
  TargetSource,
  TargetSourceConnection,
  TargetSourceSelector,
  TargetStatement,
  TargetStatementConnection,
} from './refs.ts';
import { addressSpaceOf, checkLength, find } from './selectors.ts';

const HostGroupMember = builder.objectRef<GroupMember>('HostGroupMember').implement({
  description: 'An address belongs to a host group.',
  fields: (t) => ({
    group: t.exposeString('group', { description: 'Name of the host group.' }),
    address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
  }),
});

builder.node(TargetSource, {
  description: 'A CMDB or person that declares what should be in one address space.',
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { loaders }) => loaders.targetSources.find(parseNumber(id) ?? 0),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique.' }),
    description: t.exposeString('description', { description: 'For people; may be empty.' }),
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space that it speaks of.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    priority: t.exposeInt('priority', {
      description: 'Among statements of equal rank the higher wins; 0, the default, is the lowest.',
    }),
    networks: t.field({
      type: ['Network'],
      nullable: true,
      description: 'The networks that it may speak of; null for the whole address space.',
      resolve: ({ networks }) => (networks === undefined ? null : [...networks]),
    }),
    deleteShare: t.exposeFloat('deleteShare', {
      description: 'A snapshot that takes away a larger share of its statements is refused; 0 to 1.',
    }),
    revision: t.exposeInt('revision', {
      description: 'Counts imports that changed something; 0 before the first.',
    }),
    externalRevision: t.exposeString('externalRevision', {
      nullable: true,
      description: "The source's own number or time of its last state; null where it never said one.",
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    importedAt: t.expose('importedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the last import was applied, also one that changed nothing; null before the first.',
    }),
    statements: t.connection(
      {
        type: TargetStatement,
        description: 'What it declares now.',
        resolve: ({ id }, page, { application }) =>
          connect(application.targets.statements, { sourceIds: [id] }, page),
      },
      TargetStatementConnection,
    ),
    members: t.field({
      type: [HostGroupMember],
      description: 'The members of host groups that it declares now, by group and address.',
      args: { first: t.arg.int(firstArgument), offset: t.arg.int(offsetArgument) },
      complexity: listCost,
      resolve: async ({ id }, part, { application }) => partOf(await application.targets.members(id), part),
    }),
    memberCount: t.int({
      description: 'How many members of host groups it declares now.',
      resolve: ({ id }, _, { application }) => application.targets.countMembers(id),
    }),
    revisions: t.connection(
      {
        type: TargetRevision,
        description: 'Its imports that changed something, the newest first.',
        resolve: ({ id }, page, { application }) =>
          connect(application.targets.revisions, { sourceId: id }, page),
      },
      TargetRevisionConnection,
    ),
  }),
});

builder.queryFields((t) => ({
  targetSources: t.connection(
    {
      type: TargetSource,
      description: 'All target sources.',
      complexity: tableCost,
      resolve: async (_, page, { loaders }) => connectTable(await loaders.targetSources.all(), page),
    },
    TargetSourceConnection,
  ),
  targetSource: t.field({
    type: TargetSource,
    nullable: true,
    description: 'One target source; null where there is none.',
    args: { by: t.arg({ type: TargetSourceSelector, required: true, description: 'Which one.' }) },
    resolve: (_, { by }, { loaders }) => find(loaders.targetSources, 'TargetSource', by),
  }),
}));

const CreateTargetSourceInput = builder.inputType('CreateTargetSourceInput', {
  description: 'A new target source.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique among target sources.' }),
    addressSpace: t.field({
      type: AddressSpaceSelector,
      description: 'The space that it speaks of; without it the one named `default`.',
    }),
    description: t.string({ description: 'For people.' }),
    priority: t.int({ description: 'Among statements of equal rank the higher wins; 0 unless told.' }),
    networks: t.field({
      type: ['Network'],
      description: 'The networks that it may speak of; without it the whole address space.',
    }),
    deleteShare: t.float({
      description: 'A snapshot that takes away a larger share is refused; 0 to 1, 0.3 unless told.',
    }),
  }),
});

const UpdateTargetSourceInput = builder.inputType('UpdateTargetSourceInput', {
  description: 'What to change of a target source; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which one.' }),
    name: t.string({ description: 'The new name.' }),
    description: t.string({ description: 'The new description.' }),
    priority: t.int({ description: 'The new priority; it may change who wins.' }),
    networks: t.field({
      type: ['Network'],
      description: 'The networks that it may speak of from now on; null for the whole address space.',
    }),
    deleteShare: t.float({ description: 'The new share, 0 to 1.' }),
  }),
});

const DeleteTargetSourceInput = builder.inputType('DeleteTargetSourceInput', {
  description: 'Which target source to remove.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
});

type Settings = Omit<typeof UpdateTargetSourceInput.$inferInput, 'id'>;

/** The settings in the terms of the store: null takes a limit away, and is nothing elsewhere. */
function settingsOf({ networks, ...rest }: Settings) {
  checkLength(networks, 'networks');
  return { ...present(rest), ...defined({ networks }) };
}

builder.mutationFields((t) => ({
  createTargetSource: t.field({
    type: TargetSource,
    description: 'Adds a target source.',
    errors: outcome('targetSource', 'The new target source', creationErrors),
    args: { input: t.arg({ type: CreateTargetSourceInput, required: true, description: 'The source.' }) },
    resolve: async (_, { input: { name, addressSpace, ...rest } }, context) => {
      context.loaders.forget();
      const { id: addressSpaceId } = await addressSpaceOf(context, addressSpace);
      return context.application.targets.sources.create({ ...settingsOf(rest), name, addressSpaceId });
    },
  }),
  updateTargetSource: t.field({
    type: TargetSource,
    description: 'Changes a target source; drift follows.',
    errors: outcome('targetSource', 'The changed target source', updateErrors),
    args: { input: t.arg({ type: UpdateTargetSourceInput, required: true, description: 'The change.' }) },
    resolve: async (_, { input: { id, ...rest } }, { application, loaders }) => {
      loaders.forget();
      return application.targets.sources.update(readId('TargetSource', id), settingsOf(rest));
    },
  }),
  deleteTargetSource: t.field({
    type: TargetSource,
    description: 'Removes a target source that never imported anything; one with a history is kept.',
    errors: outcome('targetSource', 'The removed target source', removalErrors),
    args: { input: t.arg({ type: DeleteTargetSourceInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input: { id } }, { application, loaders }) => {
      loaders.forget();
      return application.targets.sources.remove(readId('TargetSource', id));
    },
  }),
}));
