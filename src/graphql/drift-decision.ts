import { BadInput, NotFound } from '../core/errors.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { readId } from './global-id.ts';
import { DriftItem, TargetSourceSelector } from './refs.ts';
import { checkLength, get } from './selectors.ts';
import { importErrors } from './target-import.ts';
import { TargetImport } from './target-plan.ts';

const AcknowledgeDriftInput = builder.inputType('AcknowledgeDriftInput', {
  description: 'Which drift somebody has seen. It stays open and counts.',
  fields: (t) => ({
    items: t.idList({ required: true, description: 'Drift items, at most 100.' }),
    actor: t.string({ required: true, description: 'Who has seen it.' }),
    note: t.string({ required: true, defaultValue: '', description: 'What they say; may be empty.' }),
  }),
});

const AcceptIntoTargetInput = builder.inputType('AcceptIntoTargetInput', {
  description:
    'Which drift becomes what should be: excess is allowed, missing ports too, missing hosts optional.',
  fields: (t) => ({
    items: t.idList({ required: true, description: 'Drift items, at most 100.' }),
    source: t.field({
      type: TargetSourceSelector,
      required: true,
      description: 'The target source that says so from now on.',
    }),
    actor: t.string({ required: true, description: 'Who accepts it.' }),
    reason: t.string({ required: true, description: 'Why.' }),
    validUntil: t.field({ type: 'DateTime', description: 'Until when; without it for good.' }),
  }),
});

function itemIds(ids: readonly string[]): number[] {
  if (ids.length === 0) throw new BadInput('Name at least one drift item', 'items');
  checkLength(ids, 'items');
  return ids.map((id) => readId('DriftItem', id));
}

builder.mutationFields((t) => ({
  acknowledgeDrift: t.field({
    type: [DriftItem],
    description: 'Says that somebody has seen drift.',
    complexity: ({ input }) => ({ field: 1, multiplier: Math.max(1, input.items.length) }),
    errors: {
      types: [BadInput, NotFound],
      union: { description: 'The drift items, or why they are not acknowledged.' },
      result: { description: 'The drift items.' },
      dataField: { name: 'items', description: 'As they are now, in the order of the input.' },
    },
    args: { input: t.arg({ type: AcknowledgeDriftInput, required: true, description: 'Which ones.' }) },
    resolve: async (_, { input: { items, actor, note } }, { application }) => [
      ...(await application.drift.acknowledge(itemIds(items), { actor, note })),
    ],
  }),
  acceptIntoTarget: t.field({
    type: TargetImport,
    description: 'Declares what is: writes statements to a source, so that the drift resolves.',
    complexity: 1000,
    errors: {
      types: importErrors,
      directResult: true,
      union: { description: 'What became of the statements, or why they are refused.' },
    },
    args: { input: t.arg({ type: AcceptIntoTargetInput, required: true, description: 'Which drift.' }) },
    resolve: async (_, { input: { items, source, actor, reason, validUntil } }, context) => {
      const { application, loaders } = context;
      loaders.forget();
      const { id: sourceId } = await get(loaders.targetSources, 'TargetSource', source);
      const to = { sourceId, actor, reason, ...present({ validUntil }) };
      const answer = await application.drift.acceptIntoTarget(itemIds(items), to);
      loaders.forget(); // The source has another revision now.
      return answer;
    },
  }),
}));
