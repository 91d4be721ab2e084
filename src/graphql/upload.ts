import { formatPortSet } from '../core/endpoint.ts';
import { BadInput, NotFound, ReportRejected } from '../core/errors.ts';
import { limits } from '../limits.ts';
import { builder } from './builder.ts';
import type { PreparedUpload, ScanUpload as Upload, UploadResult } from './context.ts';
import { present } from './defined.ts';
import type { GraphqlContext } from './loaders.ts';
import { outcome } from './outcome.ts';
import { Scan, Scanner, ScannerSelector } from './refs.ts';
import { checkLength, get } from './selectors.ts';

const UploadScanPayload = builder.objectRef<UploadResult>('UploadScanPayload').implement({
  description: 'A report that was taken in.',
  fields: (t) => ({
    scan: t.expose('scan', {
      type: Scan,
      description: 'The scan with its receipt; of a report with several runs the last one.',
    }),
    scans: t.expose('scans', {
      type: [Scan],
      description: 'The scans of all runs, in the order of the report.',
      complexity: { field: 1, multiplier: 2 },
    }),
    repeated: t.exposeBoolean('repeated', {
      description: 'The same report was taken in before; this is its first receipt, and nothing changed.',
    }),
    note: t.exposeString('note', {
      nullable: true,
      description:
        'What whoever sent a report again should know, such as options that were ignored; null where nothing.',
    }),
  }),
});

const UploadScanInput = builder.inputType('UploadScanInput', {
  description: 'A report, and what it does not say itself.',
  fields: (t) => ({
    scanner: t.field({ type: ScannerSelector, required: true, description: 'Who looked.' }),
    file: t.field({ type: 'File', required: true, description: 'The report, gzipped or not.' }),
    format: t.string({ description: 'The format; without it, it is detected.' }),
    addresses: t.field({ type: ['Network'], description: 'The covered addresses.' }),
    ports: t.field({ type: 'PortSet', description: 'The covered ports.' }),
    observedAt: t.field({ type: 'DateTime', description: 'The observation time.' }),
  }),
});

const CreateScanUploadInput = builder.inputType('CreateScanUploadInput', {
  description: 'An upload of a large report, and what it does not say itself.',
  fields: (t) => ({
    scanner: t.field({ type: ScannerSelector, required: true, description: 'Who looked.' }),
    parts: t.int({
      required: true,
      defaultValue: 1,
      description: `Of how many reports the scan consists, 1 to ${limits.uploadPartsMax}; each is one part.`,
    }),
    format: t.string({ description: 'The format; without it, it is detected.' }),
    addresses: t.field({ type: ['Network'], description: 'The covered addresses.' }),
    ports: t.field({ type: 'PortSet', description: 'The covered ports.' }),
    observedAt: t.field({ type: 'DateTime', description: 'The observation time.' }),
  }),
});

type AboutReport = Omit<typeof CreateScanUploadInput.$inferInput, 'parts'>;

async function uploadOf(input: AboutReport, { loaders }: GraphqlContext): Promise<Upload> {
  const { format, addresses, ports, observedAt } = input;
  checkLength(addresses, 'addresses');
  const { id: scannerId } = await get(loaders.scanners, 'Scanner', input.scanner);
  return {
    scannerId,
    ...present({ format, addresses, observedAt, ports: ports == null ? ports : formatPortSet(ports) }),
  };
}

const ReceivedPart = builder.objectRef<PreparedUpload['received'][number]>('ReceivedPart').implement({
  description: 'A part of an upload that is here.',
  fields: (t) => ({
    part: t.exposeInt('part', { description: 'Its number, from 1.' }),
    bytes: t.expose('bytes', { type: 'BigInt', description: 'As they were sent.' }),
  }),
});

const ScanUpload = builder.objectRef<PreparedUpload>('ScanUpload').implement({
  description: 'An upload of a large report over HTTP. When its last part is here, the scan is taken in.',
  fields: (t) => ({
    id: t.exposeID('id', { description: 'Names the upload in `scanUpload` and in its addresses.' }),
    scanner: t.field({
      type: Scanner,
      description: 'Who looked.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    parts: t.exposeInt('parts', { description: 'How many parts there are.' }),
    urls: t.stringList({
      description: 'Where to PUT each part, in order. A part that is sent again replaces the first.',
      resolve: ({ id, parts }, _, { origin }) =>
        Array.from({ length: parts }, (_part, index) => `${origin}/uploads/${id}/parts/${index + 1}`),
    }),
    statusUrl: t.string({
      description: 'Where to GET the progress and the receipt as JSON.',
      resolve: ({ id }, _, { origin }) => `${origin}/uploads/${id}`,
    }),
    received: t.expose('received', { type: [ReceivedPart], description: 'The parts that are here.' }),
    result: t.field({
      type: UploadScanPayload,
      nullable: true,
      description: 'What became of the report; null until it was taken in.',
      resolve: ({ result }) => result ?? null,
    }),
    failure: t.exposeString('failure', {
      nullable: true,
      description: 'Why the report was refused; null while it was not.',
    }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it is forgotten.' }),
  }),
});

builder.queryField('scanUpload', (t) =>
  t.field({
    type: ScanUpload,
    nullable: true,
    description: 'The progress of one upload; null where there is none.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    resolve: (_, { id }, { uploads }) => uploads.find(id),
  }),
);

builder.mutationFields((t) => ({
  uploadScan: t.field({
    type: UploadScanPayload,
    description: 'Takes in one small report as a part of a multipart request.',
    complexity: 100,
    errors: {
      types: [BadInput, NotFound, ReportRejected],
      directResult: true,
      union: { description: 'The receipt, or why the report was refused.' },
    },
    args: { input: t.arg({ type: UploadScanInput, required: true, description: 'The report.' }) },
    resolve: async (_, { input: { file, ...about } }, context) => {
      const upload = await uploadOf(about, context);
      return context.application.scans.upload(upload, file.stream() as AsyncIterable<Uint8Array>);
    },
  }),
  createScanUpload: t.field({
    type: ScanUpload,
    description: 'Prepares the upload of a large report; then PUT its parts to the addresses of the answer.',
    complexity: 100,
    errors: outcome('scanUpload', 'The prepared upload', [BadInput, NotFound]),
    args: { input: t.arg({ type: CreateScanUploadInput, required: true, description: 'The upload.' }) },
    resolve: async (_, { input: { parts, ...about } }, context) => {
      if (parts < 1 || parts > limits.uploadPartsMax) {
        throw new BadInput(`"parts" is ${parts}; 1 to ${limits.uploadPartsMax} are allowed`, 'parts');
      }
      return context.uploads.create(await uploadOf(about, context), parts);
    },
  }),
}));
