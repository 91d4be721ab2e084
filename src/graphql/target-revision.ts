import type * as target from '../core/target-model.ts';
import { builder } from './builder.ts';
import { firstArgument, listCost, offsetArgument, partOf } from './lists.ts';
import { connect } from './page.ts';
import { TargetRevision, TargetRevisionConnection, TargetSource, TargetSourceSelector } from './refs.ts';
import { get } from './selectors.ts';
import { ImportItem } from './target-plan.ts';
import { ImportMode } from './target-values.ts';

const RevisionCounts = builder
  .objectRef<Pick<target.ImportCounts, 'created' | 'updated' | 'deleted'>>('RevisionCounts')
  .implement({
    description: 'How many statements differ.',
    fields: (t) => ({
      created: t.exposeInt('created', { description: 'Statements that came.' }),
      updated: t.exposeInt('updated', { description: 'Statements that say something else.' }),
      deleted: t.exposeInt('deleted', { description: 'Statements that went.' }),
    }),
  });

TargetRevision.implement({
  description: 'One import of a source that changed something.',
  fields: (t) => ({
    source: t.field({
      type: TargetSource,
      description: 'Whose it is.',
      resolve: ({ sourceId }, _, { loaders }) => loaders.targetSources.get(sourceId),
    }),
    number: t.exposeInt('number', { description: 'Counts from 1 within the source.' }),
    mode: t.expose('mode', { type: ImportMode, description: 'How the import was meant.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When it was applied.' }),
    actor: t.exposeString('actor', { nullable: true, description: 'Who did it; null where nobody said.' }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why; null where nobody said.' }),
    externalRevision: t.exposeString('externalRevision', {
      nullable: true,
      description: "The source's own number or time of this state; null where it said none.",
    }),
    counts: t.expose('counts', { type: RevisionCounts, description: 'What it changed.' }),
  }),
});

const RevisionComparison = builder.objectRef<target.RevisionComparison>('RevisionComparison').implement({
  description: 'What differs between two revisions of a source.',
  fields: (t) => ({
    counts: t.expose('counts', { type: RevisionCounts, description: 'How many statements; never cut.' }),
    items: t.field({
      type: [ImportItem],
      description: 'Statement by statement; a long list is cut.',
      args: { first: t.arg.int(firstArgument), offset: t.arg.int(offsetArgument) },
      complexity: listCost,
      resolve: ({ items }, part) => partOf(items, part),
    }),
  }),
});

builder.queryFields((t) => ({
  targetRevisions: t.connection(
    {
      type: TargetRevision,
      description: 'Imports of one source that changed something, the newest first.',
      args: {
        source: t.arg({ type: TargetSourceSelector, required: true, description: 'Whose.' }),
      },
      resolve: async (_, { source, ...page }, { application, loaders }) => {
        const { id: sourceId } = await get(loaders.targetSources, 'TargetSource', source);
        return connect(application.targets.revisions, { sourceId }, page);
      },
    },
    TargetRevisionConnection,
  ),
  compareRevisions: t.field({
    type: RevisionComparison,
    description: 'What differs between two revisions of a source; 0 is before the first.',
    complexity: 200,
    args: {
      source: t.arg({ type: TargetSourceSelector, required: true, description: 'Whose.' }),
      from: t.arg.int({ required: true, description: 'The number of the first revision.' }),
      to: t.arg.int({ required: true, description: 'The number of the second revision.' }),
    },
    resolve: async (_, { source, from, to }, { application, loaders }) => {
      const { id } = await get(loaders.targetSources, 'TargetSource', source);
      return application.targets.compareRevisions(id, from, to);
    },
  }),
}));
