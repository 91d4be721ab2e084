import { builder, tableCost } from './builder.ts';
import { present } from './defined.ts';
import { parseNumber, readId } from './global-id.ts';
import { creationErrors, outcome, removalErrors, updateErrors } from './outcome.ts';
import { connectTable } from './page.ts';
import {
  AddressSpace,
  AddressSpaceSelector,
  Scanner,
  ScannerConnection,
  ScannerGroup,
  ScannerGroupConnection,
  ScannerGroupSelector,
} from './refs.ts';
import { addressSpaceOf, find, get } from './selectors.ts';

builder.node(ScannerGroup, {
  description: 'A view: scanners that should see the same, such as all those outside of a firewall.',
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { loaders }) => loaders.scannerGroups.find(parseNumber(id) ?? 0),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique.' }),
    description: t.exposeString('description', { description: 'For people; may be empty.' }),
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space that the scanners of the group look at.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    agreementWindowSeconds: t.exposeInt('agreementWindowSeconds', {
      description: 'Looks of two scanners within this time are compared with each other.',
    }),
    scanners: t.connection(
      {
        type: Scanner,
        description: 'The scanners of the group.',
        complexity: tableCost,
        resolve: async ({ id }, page, { loaders }) => {
          const scanners = await loaders.scanners.all();
          return connectTable(
            scanners.filter(({ groupId }) => groupId === id),
            page,
          );
        },
      },
      ScannerConnection,
    ),
  }),
});

builder.queryFields((t) => ({
  scannerGroups: t.connection(
    {
      type: ScannerGroup,
      description: 'All scanner groups.',
      complexity: tableCost,
      resolve: async (_, page, { loaders }) => connectTable(await loaders.scannerGroups.all(), page),
    },
    ScannerGroupConnection,
  ),
  scannerGroup: t.field({
    type: ScannerGroup,
    nullable: true,
    description: 'One scanner group; null where there is none.',
    args: { by: t.arg({ type: ScannerGroupSelector, required: true, description: 'Which one.' }) },
    resolve: (_, { by }, { loaders }) => find(loaders.scannerGroups, 'ScannerGroup', by),
  }),
}));

const CreateScannerGroupInput = builder.inputType('CreateScannerGroupInput', {
  description: 'A new scanner group.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique among scanner groups.' }),
    addressSpace: t.field({
      type: AddressSpaceSelector,
      description: 'The space that its scanners look at; without it the one named `default`.',
    }),
    description: t.string({ description: 'For people.' }),
    agreementWindowSeconds: t.int({ description: 'Looks within this time are compared with each other.' }),
  }),
});

const UpdateScannerGroupInput = builder.inputType('UpdateScannerGroupInput', {
  description: 'What to change of a scanner group; what is left out stays.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which one.' }),
    name: t.string({ description: 'The new name.' }),
    addressSpace: t.field({ type: AddressSpaceSelector, description: 'The new space.' }),
    description: t.string({ description: 'The new description.' }),
    agreementWindowSeconds: t.int({ description: 'The new window.' }),
  }),
});

const DeleteScannerGroupInput = builder.inputType('DeleteScannerGroupInput', {
  description: 'Which scanner group to remove.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
});

builder.mutationFields((t) => ({
  createScannerGroup: t.field({
    type: ScannerGroup,
    description: 'Adds a scanner group.',
    errors: outcome('scannerGroup', 'The new scanner group', creationErrors),
    args: { input: t.arg({ type: CreateScannerGroupInput, required: true, description: 'The group.' }) },
    resolve: async (_, { input: { name, addressSpace, ...rest } }, context) => {
      context.loaders.forget();
      const { id: addressSpaceId } = await addressSpaceOf(context, addressSpace);
      return context.application.scannerGroups.create({ name, addressSpaceId, ...present(rest) });
    },
  }),
  updateScannerGroup: t.field({
    type: ScannerGroup,
    description: 'Changes a scanner group.',
    errors: outcome('scannerGroup', 'The changed scanner group', updateErrors),
    args: { input: t.arg({ type: UpdateScannerGroupInput, required: true, description: 'The change.' }) },
    resolve: async (_, { input: { id, addressSpace, ...rest } }, { application, loaders }) => {
      loaders.forget();
      const space =
        addressSpace == null ? undefined : await get(loaders.addressSpaces, 'AddressSpace', addressSpace);
      return application.scannerGroups.update(readId('ScannerGroup', id), {
        ...present(rest),
        ...present({ addressSpaceId: space?.id }),
      });
    },
  }),
  deleteScannerGroup: t.field({
    type: ScannerGroup,
    description: 'Removes a scanner group that has no scanners.',
    errors: outcome('scannerGroup', 'The removed scanner group', removalErrors),
    args: { input: t.arg({ type: DeleteScannerGroupInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input: { id } }, { application, loaders }) => {
      loaders.forget();
      return application.scannerGroups.remove(readId('ScannerGroup', id));
    },
  }),
}));
