import { builder, tableCost } from './builder.ts';
import { present } from './defined.ts';
import { parseNumber, readId } from './global-id.ts';
import { creationErrors, outcome, removalErrors, updateErrors } from './outcome.ts';
import { connect, connectTable } from './page.ts';
import {
  AddressSpace,
  AddressSpaceConnection,
  AddressSpaceSelector,
  Host,
  HostConnection,
  ScannerGroup,
  ScannerGroupConnection,
} from './refs.ts';
import { find } from './selectors.ts';

builder.node(AddressSpace, {
  description: 'A naming domain for addresses (a site, a VRF): the same address in two spaces is two hosts.',
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { loaders }) => loaders.addressSpaces.find(parseNumber(id) ?? 0),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique.' }),
    description: t.exposeString('description', { description: 'For people; may be empty.' }),
    scannerGroups: t.connection(
      {
        type: ScannerGroup,
        description: 'The groups of scanners that look at this space.',
        complexity: tableCost,
        resolve: async ({ id }, page, { loaders }) => {
          const groups = await loaders.scannerGroups.all();
          return connectTable(
            groups.filter(({ addressSpaceId }) => addressSpaceId === id),
            page,
          );
        },
      },
      ScannerGroupConnection,
    ),
    hosts: t.connection(
      {
        type: Host,
        description: 'The hosts that were seen in this space.',
        resolve: ({ id }, page, { application }) =>
          connect(application.hosts, { addressSpaceIds: [id] }, page),
      },
      HostConnection,
    ),
  }),
});

builder.queryFields((t) => ({
  addressSpaces: t.connection(
    {
      type: AddressSpace,
      description: 'All address spaces.',
      complexity: tableCost,
      resolve: async (_, page, { loaders }) => connectTable(await loaders.addressSpaces.all(), page),
    },
    AddressSpaceConnection,
  ),
  addressSpace: t.field({
    type: AddressSpace,
    nullable: true,
    description: 'One address space; null where there is none.',
    args: { by: t.arg({ type: AddressSpaceSelector, required: true, description: 'Which one.' }) },
    resolve: (_, { by }, { loaders }) => find(loaders.addressSpaces, 'AddressSpace', by),
  }),
}));

const CreateAddressSpaceInput = builder.inputType('CreateAddressSpaceInput', {
  description: 'A new address space.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique among address spaces.' }),
    description: t.string({ description: 'For people.' }),
  }),
});

const UpdateAddressSpaceInput = builder.inputType('UpdateAddressSpaceInput', {
  description: 'What to change of an address space; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which one.' }),
    name: t.string({ description: 'The new name.' }),
    description: t.string({ description: 'The new description.' }),
  }),
});

const DeleteAddressSpaceInput = builder.inputType('DeleteAddressSpaceInput', {
  description: 'Which address space to remove.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
});

builder.mutationFields((t) => ({
  createAddressSpace: t.field({
    type: AddressSpace,
    description: 'Adds an address space.',
    errors: outcome('addressSpace', 'The new address space', creationErrors),
    args: { input: t.arg({ type: CreateAddressSpaceInput, required: true, description: 'The space.' }) },
    resolve: async (_, { input: { name, description } }, { application, loaders }) => {
      loaders.forget();
      return application.addressSpaces.create({ name, ...present({ description }) });
    },
  }),
  updateAddressSpace: t.field({
    type: AddressSpace,
    description: 'Renames or describes an address space.',
    errors: outcome('addressSpace', 'The changed address space', updateErrors),
    args: { input: t.arg({ type: UpdateAddressSpaceInput, required: true, description: 'The change.' }) },
    resolve: async (_, { input: { id, ...rest } }, { application, loaders }) => {
      loaders.forget();
      return application.addressSpaces.update(readId('AddressSpace', id), present(rest));
    },
  }),
  deleteAddressSpace: t.field({
    type: AddressSpace,
    description: 'Removes an address space that no scanner group refers to.',
    errors: outcome('addressSpace', 'The removed address space', removalErrors),
    args: { input: t.arg({ type: DeleteAddressSpaceInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input: { id } }, { application, loaders }) => {
      loaders.forget();
      return application.addressSpaces.remove(readId('AddressSpace', id));
    },
  }),
}));
