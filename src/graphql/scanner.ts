import { formatPortSet } from '../core/endpoint.ts';
import type { Thresholds as CoreThresholds } from '../core/fold.ts';
import { builder, tableCost } from './builder.ts';
import { defined, present } from './defined.ts';
import { parseNumber, readId } from './global-id.ts';
import { creationErrors, outcome, removalErrors, updateErrors } from './outcome.ts';
import { connect, connectTable } from './page.ts';
import {
  AddressSpace,
  Scan,
  ScanConnection,
  Scanner,
  ScannerConnection,
  ScannerGroup,
  ScannerGroupSelector,
  ScannerSelector,
} from './refs.ts';
import { checkLength, find, get } from './selectors.ts';

/** The thresholds of a scanner. */
export const Thresholds = builder.objectRef<CoreThresholds>('Thresholds').implement({
  description: 'How many consecutive covering scans must agree before a settled state changes.',
  fields: (t) => ({
    openAfterScans: t.exposeInt('openAfterScans', { description: 'Not open to open.' }),
    closedAfterScans: t.exposeInt('closedAfterScans', { description: 'Open to not open.' }),
    goneAfterScans: t.exposeInt('goneAfterScans', { description: 'Up to gone.' }),
    backAfterScans: t.exposeInt('backAfterScans', { description: 'Gone to up.' }),
    reopenWindowDays: t.exposeInt('reopenWindowDays', {
      description: 'A port that opens within so many days after it closed is reopened; later it is opened.',
    }),
  }),
});

/** Thresholds as people give them. */
export const ThresholdsInput = builder.inputType('ThresholdsInput', {
  description: 'Thresholds of a scanner; what is left out stays, in a new scanner at its default.',
  fields: (t) => ({
    openAfterScans: t.int({ description: 'Not open to open.' }),
    closedAfterScans: t.int({ description: 'Open to not open.' }),
    goneAfterScans: t.int({ description: 'Up to gone.' }),
    backAfterScans: t.int({ description: 'Gone to up.' }),
    reopenWindowDays: t.int({ description: 'Days within which a port is reopened.' }),
  }),
});

builder.node(Scanner, {
  description: 'A source of scans at one vantage point, with its own thresholds and defaults.',
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { loaders }) => loaders.scanners.find(parseNumber(id) ?? 0),
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique.' }),
    description: t.exposeString('description', { description: 'For people; may be empty.' }),
    group: t.field({
      type: ScannerGroup,
      description: 'The view it belongs to.',
      resolve: ({ groupId }, _, { loaders }) => loaders.scannerGroups.get(groupId),
    }),
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space it looks at: that of its group.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    thresholds: t.expose('thresholds', { type: Thresholds, description: 'When states change.' }),
    defaultAddresses: t.field({
      type: ['Network'],
      nullable: true,
      description: 'Covered addresses of reports that state none; null where nothing is assumed.',
      resolve: ({ defaultAddresses }) => defaultAddresses ?? null,
    }),
    defaultPorts: t.field({
      type: 'PortSet',
      nullable: true,
      description: 'Covered ports of reports that state none; null where nothing is assumed.',
      resolve: ({ defaultPorts }) => defaultPorts ?? null,
    }),
    expectEverySeconds: t.exposeInt('expectEverySeconds', {
      nullable: true,
      description: 'It is overdue after so long without a scan; null where nothing is expected.',
    }),
    guardShare: t.exposeFloat('guardShare', {
      description: 'A scan that would close a larger share than this of what it covers is held.',
    }),
    bogusPorts: t.exposeInt('bogusPorts', {
      description: 'A host with more newly open ports than this in one scan is one finding, not many.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was added.' }),
    retiredAt: t.expose('retiredAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was taken out of service; null while it is in service.',
    }),
    scans: t.connection(
      {
        type: Scan,
        description: 'Its scans.',
        resolve: ({ id }, page, { application }) => connect(application.scans, { scannerIds: [id] }, page),
      },
      ScanConnection,
    ),
  }),
});

builder.queryFields((t) => ({
  scanners: t.connection(
    {
      type: Scanner,
      description: 'All scanners.',
      complexity: tableCost,
      resolve: async (_, page, { loaders }) => connectTable(await loaders.scanners.all(), page),
    },
    ScannerConnection,
  ),
  scanner: t.field({
    type: Scanner,
    nullable: true,
    description: 'One scanner; null where there is none.',
    args: { by: t.arg({ type: ScannerSelector, required: true, description: 'Which one.' }) },
    resolve: (_, { by }, { loaders }) => find(loaders.scanners, 'Scanner', by),
  }),
}));

const CreateScannerInput = builder.inputType('CreateScannerInput', {
  description: 'A new scanner.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique among scanners.' }),
    group: t.field({ type: ScannerGroupSelector, required: true, description: 'The view it belongs to.' }),
    description: t.string({ description: 'For people.' }),
    thresholds: t.field({ type: ThresholdsInput, description: 'When states change.' }),
    defaultAddresses: t.field({
      type: ['Network'],
      description: 'Covered addresses of reports that state none.',
    }),
    defaultPorts: t.field({ type: 'PortSet', description: 'Covered ports of reports that state none.' }),
    expectEverySeconds: t.int({ description: 'It is overdue after so long without a scan.' }),
    guardShare: t.float({ description: 'A scan that would close a larger share is held; 0 to 1.' }),
    bogusPorts: t.int({ description: 'More newly open ports of one host than this are one finding.' }),
  }),
});

const UpdateScannerInput = builder.inputType('UpdateScannerInput', {
  description: 'What to change of a scanner; what is left out stays, and null takes a default away.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Which one.' }),
    name: t.string({ description: 'The new name.' }),
    group: t.field({ type: ScannerGroupSelector, description: 'The new view.' }),
    description: t.string({ description: 'The new description.' }),
    thresholds: t.field({ type: ThresholdsInput, description: 'The new thresholds.' }),
    defaultAddresses: t.field({
      type: ['Network'],
      description: 'The new default addresses; null for none.',
    }),
    defaultPorts: t.field({ type: 'PortSet', description: 'The new default ports; null for none.' }),
    expectEverySeconds: t.int({ description: 'The new expectation; null for none.' }),
    guardShare: t.float({ description: 'The new share, 0 to 1.' }),
    bogusPorts: t.int({ description: 'The new number of ports.' }),
  }),
});

const DeleteScannerInput = builder.inputType('DeleteScannerInput', {
  description: 'Which scanner to remove.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
});

type SettingsInput = Omit<typeof UpdateScannerInput.$inferInput, 'id' | 'group'>;

/** The settings in the terms of the store: null means none where a default can be taken away. */
function settingsOf(input: SettingsInput) {
  const { defaultAddresses, defaultPorts, expectEverySeconds, thresholds, ...rest } = input;
  checkLength(defaultAddresses, 'defaultAddresses');
  return {
    ...present(rest),
    ...(thresholds == null ? {} : { thresholds: present(thresholds) }),
    ...defined({ defaultAddresses, expectEverySeconds }),
    ...defined({ defaultPorts: defaultPorts == null ? defaultPorts : formatPortSet(defaultPorts) }),
  };
}

builder.mutationFields((t) => ({
  createScanner: t.field({
    type: Scanner,
    description: 'Adds a scanner.',
    errors: outcome('scanner', 'The new scanner', creationErrors),
    args: { input: t.arg({ type: CreateScannerInput, required: true, description: 'The scanner.' }) },
    resolve: async (_, { input: { group, name, ...rest } }, { application, loaders }) => {
      loaders.forget();
      const { id: groupId } = await get(loaders.scannerGroups, 'ScannerGroup', group);
      return application.scanners.create({ ...settingsOf(rest), name, groupId });
    },
  }),
  updateScanner: t.field({
    type: Scanner,
    description:
      'Changes a scanner. Other thresholds re-fold its hosts; entries that no longer hold are retracted.',
    errors: outcome('scanner', 'The changed scanner', updateErrors),
    args: { input: t.arg({ type: UpdateScannerInput, required: true, description: 'The change.' }) },
    resolve: async (_, { input: { id, group, ...rest } }, { application, loaders }) => {
      loaders.forget();
      const found = group == null ? undefined : await get(loaders.scannerGroups, 'ScannerGroup', group);
      return application.scanners.update(readId('Scanner', id), {
        ...settingsOf(rest),
        ...present({ groupId: found?.id }),
      });
    },
  }),
  deleteScanner: t.field({
    type: Scanner,
    description: 'Removes a scanner that has no scans.',
    errors: outcome('scanner', 'The removed scanner', removalErrors),
    args: { input: t.arg({ type: DeleteScannerInput, required: true, description: 'Which one.' }) },
    resolve: async (_, { input: { id } }, { application, loaders }) => {
      loaders.forget();
      return application.scanners.remove(readId('Scanner', id));
    },
  }),
}));
