import { changeCode, changeKinds, codeOfSpan, type ChangeKind as Kind } from '../core/change.ts';
import type * as model from '../core/model.ts';
import { limits } from '../limits.ts';
import { builder } from './builder.ts';
import { ChangeKind, enumOf, ScopeOrigin } from './values.ts';

const TimeOrigin = enumOf<model.TimeOrigin>(
  'TimeOrigin',
  'Where an observation time comes from, best first.',
  {
    upload: 'It was given with the upload.',
    scan_end: 'When the scan ended.',
    last_host: 'When the last host was done.',
    scan_start: 'When the scan started.',
    receipt: 'When the report was received: the report says nothing.',
  },
);

/** What a scan looked at. */
export const Scope = builder.objectRef<model.Receipt>('Scope').implement({
  description: 'What a scan looked at: addresses x ports. Nothing outside of it is touched.',
  fields: (t) => ({
    addresses: t.expose('scopeAddresses', {
      type: ['Network'],
      description: 'Covered addresses as networks and ranges; a long list is cut.',
    }),
    addressOrigin: t.expose('addressOrigin', { type: ScopeOrigin, description: 'Who says which addresses.' }),
    ports: t.expose('scopePorts', {
      type: 'PortSet',
      description: 'Covered ports; empty where no port may be closed.',
    }),
    portOrigin: t.expose('portOrigin', { type: ScopeOrigin, description: 'Who says which ports.' }),
  }),
});

interface Counted {
  readonly kind: Kind;
  readonly count: number;
}

const ChangeCount = builder.objectRef<Counted>('ChangeCount').implement({
  description: 'How often a kind of change occurred.',
  fields: (t) => ({
    kind: t.expose('kind', { type: ChangeKind, description: 'What happened.' }),
    code: t.int({ description: 'Its code: a single bit.', resolve: ({ kind }) => changeCode[kind] }),
    count: t.exposeInt('count', { description: 'How often, baseline entries included.' }),
  }),
});

const Problem = builder.objectRef<model.ReceiptProblem>('Problem').implement({
  description: 'A place in a report that could not be read. Everything else of it was.',
  fields: (t) => ({
    offset: t.expose('offset', { type: 'BigInt', description: 'Byte of the uncompressed report.' }),
    line: t.exposeInt('line', { nullable: true, description: 'Line, where the format has lines.' }),
    address: t.exposeString('address', { nullable: true, description: 'The host that it is about.' }),
    reason: t.exposeString('reason', { description: 'What is wrong.' }),
  }),
});

/** What became of one uploaded report. */
export const Receipt = builder.objectRef<model.Receipt>('Receipt');

Receipt.implement({
  description: 'What became of one uploaded report.',
  fields: (t) => ({
    format: t.exposeString('format', { description: 'The format it was read as.' }),
    tool: t.exposeString('tool', { description: 'The program that wrote it.' }),
    toolVersion: t.exposeString('toolVersion', { nullable: true, description: 'Of that program.' }),
    args: t.exposeString('args', { nullable: true, description: 'Its command line.' }),
    bytes: t.expose('bytes', { type: 'BigInt', description: 'Of the uncompressed report.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'As the report says.',
    }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'As the report says.' }),
    timeOrigin: t.expose('timeOrigin', {
      type: TimeOrigin,
      description: 'Where the observation time of the scan comes from.',
    }),
    partialReason: t.exposeString('partialReason', {
      nullable: true,
      description: 'Why the scan is partial; null where it is complete.',
    }),
    heldReason: t.exposeString('heldReason', {
      nullable: true,
      description: 'Why the scan was held, also after it was released or discarded; null where it never was.',
    }),
    scope: t.field({ type: Scope, description: 'What it looked at.', resolve: (receipt) => receipt }),
    hostsListed: t.exposeInt('hostsListed', { description: 'Hosts in the report.' }),
    hostsUp: t.exposeInt('hostsUp', { description: 'Those of them that are up.' }),
    hostsUnchanged: t.exposeInt('hostsUnchanged', {
      description: 'Those whose facts are those of the last look.',
    }),
    endpointsOpen: t.exposeInt('endpointsOpen', { description: 'Open endpoints in the report.' }),
    changes: t.field({
      type: [ChangeCount],
      description: 'Entries by kind; only kinds that occur.',
      resolve: ({ changes }) => countsOf(changes),
    }),
    changeCode: t.int({
      description: 'The codes of all entries, bitwise or; 0 where nothing changed.',
      resolve: ({ changes }) => codeOfSpan(countsOf(changes).map(({ kind }) => kind)),
    }),
    baselineChanges: t.exposeInt('baselineChanges', {
      description: 'Entries that say "first observed", not "newly happened".',
    }),
    retractions: t.exposeInt('retractions', {
      description: 'Entries taken back because the scan came late.',
    }),
    problems: t.field({
      type: [Problem],
      description: 'Places that could not be read.',
      args: {
        first: t.arg.int({ required: true, defaultValue: 20, description: 'How many at most, 0 to 1000.' }),
      },
      complexity: { field: 1, multiplier: 2 },
      resolve: ({ problems }, { first }) =>
        problems.slice(0, Math.min(Math.max(first, 0), limits.problemsMax)),
    }),
    problemCount: t.exposeInt('problemCount', {
      description: 'All problems, also those that are not listed.',
    }),
    warnings: t.exposeStringList('warnings', { description: 'What a careful reader should know.' }),
    durationMs: t.exposeFloat('durationMs', {
      description: 'From the first byte read to the end of the transaction.',
    }),
  }),
});

function countsOf(changes: model.Receipt['changes']): Counted[] {
  return changeKinds.flatMap((kind) => {
    const count = changes[kind] ?? 0;
    return count === 0 ? [] : [{ kind, count }];
  });
}
