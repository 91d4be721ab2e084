import { changeKinds, type ChangeKind as Kind } from '../core/change.ts';
import type { ScanDecision as Decision, PruneCounts as Pruned, ScanAction } from '../core/decisions.ts';
import { BadInput, NotFound } from '../core/errors.ts';
import type {
  ChangeCounts,
  ThresholdPreview as Preview,
  ThresholdSuggestion as Suggestion,
} from '../core/threshold-preview.ts';
import { builder } from './builder.ts';
import { defined, present } from './defined.ts';
import { placeOf, sourceOf } from './filters.ts';
import { readId } from './global-id.ts';
import { AddressSpaceSelector, Scan, Scanner, ScannerGroupSelector, ScannerSelector } from './refs.ts';
import { Thresholds, ThresholdsInput } from './scanner.ts';
import { addressSpaceOf, get, idsOf } from './selectors.ts';
import { ChangeKind } from './values.ts';

const ScanDecision = builder.objectRef<Decision>('ScanDecision').implement({
  description: 'A scan after a decision, and how the log was corrected for it.',
  fields: (t) => ({
    scan: t.expose('scan', { type: Scan, description: 'The scan as it is now.' }),
    hosts: t.int({ description: 'Hosts that were folded again.', resolve: ({ counts }) => counts.hosts }),
    retractions: t.int({
      description: 'Entries that were taken back.',
      resolve: ({ counts }) => counts.retractions,
    }),
    changes: t.int({ description: 'Entries that were added.', resolve: ({ counts }) => counts.changes }),
  }),
});

const errors = { types: [BadInput, NotFound] };

function decision(action: ScanAction, description: string) {
  return builder.mutationField(`${action}Scan`, (t) =>
    t.field({
      type: ScanDecision,
      description,
      errors: {
        ...errors,
        union: { description: 'The decision, or why not.' },
        result: { description: 'The decision.' },
        dataField: { name: 'decision', description: 'What became of it.' },
      },
      args: { id: t.arg.id({ required: true, description: 'The scan.' }) },
      resolve: (_, { id }, { application }) => application.decisions.decideScan(readId('Scan', id), action),
    }),
  );
}

decision('release', 'Lets a held scan count.');
decision('discard', 'Takes a scan out of the set of scans: everything is as if it had never come.');
decision('restore', 'Lets a discarded scan count again.');

const ChangePreview = builder
  .objectRef<{ kind: Kind; reported: number; wouldReport: number }>('ChangePreview')
  .implement({
    description: 'How many changes of one kind.',
    fields: (t) => ({
      kind: t.expose('kind', { type: ChangeKind, description: 'The kind.' }),
      reported: t.exposeInt('reported', { description: 'Were reported.' }),
      wouldReport: t.exposeInt('wouldReport', { description: 'Would have been reported.' }),
    }),
  });

const ThresholdSuggestion = builder.objectRef<Suggestion>('ThresholdSuggestion').implement({
  description: 'Thresholds that would have kept quiet about what was taken back by itself soon after.',
  fields: (t) => ({
    thresholds: t.expose('thresholds', { type: Thresholds, description: 'The thresholds.' }),
    reasons: t.stringList({
      description: 'Why; empty where those of now do.',
      resolve: ({ reasons }) => [...reasons],
    }),
  }),
});

const ThresholdPreview = builder.objectRef<Preview>('ThresholdPreview').implement({
  description: 'What other thresholds would have reported. Baseline entries are not counted.',
  fields: (t) => ({
    hosts: t.exposeInt('hosts', { description: 'Hosts that were folded.' }),
    counts: t.field({
      type: [ChangePreview],
      description: 'By kind.',
      resolve: ({ reported, wouldReport }) => changeKinds.map((kind) => countOf(kind, reported, wouldReport)),
    }),
    suggestion: t.expose('suggestion', { type: ThresholdSuggestion, description: 'What flapping suggests.' }),
  }),
});

function countOf(kind: Kind, reported: ChangeCounts, wouldReport: ChangeCounts) {
  return { kind, reported: reported[kind], wouldReport: wouldReport[kind] };
}

builder.queryField('previewThresholds', (t) =>
  t.field({
    type: ThresholdPreview,
    description: 'Replays the history of a scanner with other thresholds. Nothing is changed.',
    complexity: 5000,
    args: {
      scanner: t.arg({ type: ScannerSelector, required: true, description: 'Which scanner.' }),
      thresholds: t.arg({ type: ThresholdsInput, required: true, description: 'What is left out stays.' }),
      since: t.arg({
        type: 'DateTime',
        required: true,
        description: 'Changes from this moment on are counted.',
      }),
    },
    resolve: async (_, { scanner, thresholds, since }, { loaders, application }) => {
      const { id } = await get(loaders.scanners, 'Scanner', scanner);
      return application.decisions.previewThresholds({
        scannerId: id,
        thresholds: present(thresholds),
        since,
      });
    },
  }),
);

const PruneCounts = builder.objectRef<Pruned>('PruneCounts').implement({
  description: 'What went, or would go.',
  fields: (t) => ({
    hosts: t.exposeInt('hosts', { description: 'Hosts whose history is shorter, once for each scanner.' }),
    logRows: t.exposeInt('logRows', { description: 'Rows of the change log.' }),
    runs: t.exposeInt('runs', { description: 'Stored contents of hosts.' }),
    scans: t.exposeInt('scans', { description: 'Scans that nothing refers to any more.' }),
  }),
});

const PruneInput = builder.inputType('PruneInput', {
  description: 'Which history goes. All fields are joined by "and"; the values of one list by "or".',
  fields: (t) => ({
    before: t.field({ type: 'DateTime', description: 'Everything up to this moment; without it up to now.' }),
    addressSpaces: t.field({ type: [AddressSpaceSelector], description: 'In these address spaces.' }),
    scanners: t.field({ type: [ScannerSelector], description: 'Of these scanners.' }),
    scannerGroups: t.field({ type: [ScannerGroupSelector], description: 'Of scanners of these groups.' }),
    networks: t.field({ type: ['Network'], description: 'Of addresses inside these networks or ranges.' }),
  }),
});

builder.mutationFields((t) => ({
  prune: t.field({
    type: PruneCounts,
    description: 'Takes history away. What is settled, and the last change of what still exists, stays.',
    errors: {
      ...errors,
      union: { description: 'What went, or why nothing did.' },
      result: { description: 'What went.' },
      dataField: { name: 'counts', description: 'How much.' },
    },
    args: {
      input: t.arg({ type: PruneInput, required: true, description: 'Which history.' }),
      dryRun: t.arg.boolean({ required: true, description: 'Only count what would go.' }),
    },
    resolve: async (_, { input, dryRun }, context) => {
      const { before, addressSpaces, scanners, scannerGroups, networks } = input;
      const source = await sourceOf({ addressSpaces, scanners, scannerGroups }, context);
      if (before == null && Object.keys(source).length === 0 && networks == null) {
        throw new BadInput('Say what is to go: a moment, scanners or networks', 'input');
      }
      return context.application.decisions.prune({
        ...source,
        ...placeOf({ networks }),
        ...defined({ before: before ?? undefined }),
        dryRun,
      });
    },
  }),
  forgetHost: t.int({
    description:
      'Begins a new life for an address that another machine has now. Gives how many scanners knew it.',
    errors: {
      ...errors,
      union: { description: 'How many scanners forgot it, or why none did.' },
      result: { description: 'How many scanners forgot it.' },
      dataField: { name: 'scanners', description: 'How many.' },
    },
    args: {
      address: t.arg({ type: 'IPAddress', required: true, description: 'The address.' }),
      addressSpace: t.arg({ type: AddressSpaceSelector, description: 'Its space; without it `default`.' }),
      scanners: t.arg({ type: [ScannerSelector], description: 'Only these forget it; without it all.' }),
    },
    resolve: async (_, { address, addressSpace, scanners }, context) => {
      const { id } = await addressSpaceOf(context, addressSpace);
      const scannerIds = await idsOf(context.loaders.scanners, 'Scanner', scanners);
      const request = { addressSpaceId: id, address, ...present({ scannerIds }) };
      return context.application.decisions.forgetHost(request);
    },
  }),
  retireScanner: t.field({
    type: Scanner,
    description: 'Takes a scanner out of service: its evidence stops counting at once.',
    errors: {
      ...errors,
      union: { description: 'The scanner, or why not.' },
      result: { description: 'The scanner.' },
      dataField: { name: 'scanner', description: 'The scanner as it is now.' },
    },
    args: { by: t.arg({ type: ScannerSelector, required: true, description: 'Which one.' }) },
    resolve: async (_, { by }, { loaders, application }) => {
      const { id } = await get(loaders.scanners, 'Scanner', by);
      return application.decisions.retireScanner(id);
    },
  }),
}));
