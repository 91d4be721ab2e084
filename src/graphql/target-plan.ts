import type * as target from '../core/target-model.ts';
import { builder } from './builder.ts';
import { firstArgument, listCost, offsetArgument, partOf } from './lists.ts';
import { DriftItem, TargetRevision, TargetSource, TargetStatement } from './refs.ts';
import { Brake, RejectedRow } from './target-refusal.ts';
import { Expectation, ImportMode } from './target-values.ts';
import { enumOf } from './values.ts';

const StatementFacts = builder.objectRef<target.StatementFacts>('StatementFacts').implement({
  description: 'What a statement says, in words. Text of an inventory: never trust it.',
  fields: (t) => ({
    selector: t.exposeString('selector', {
      description: 'Whom it is about: `192.0.2.10`, `10.0.0.0/8`, `group:web` or `*`.',
    }),
    view: t.exposeString('view', {
      nullable: true,
      description: 'Name of the scanner group from which it is seen; null for any.',
    }),
    ports: t.exposeString('ports', {
      nullable: true,
      description: 'As in `443/tcp`; null where it is about the host.',
    }),
    expect: t.expose('expect', { type: Expectation, description: 'What it says.' }),
    service: t.exposeString('service', { nullable: true, description: 'The service that is meant.' }),
    owner: t.exposeString('owner', { nullable: true, description: 'Who answers for it.' }),
    ticket: t.exposeString('ticket', { nullable: true, description: 'Where it was decided.' }),
    description: t.exposeString('description', { nullable: true, description: 'For people.' }),
    validFrom: t.expose('validFrom', {
      type: 'DateTime',
      nullable: true,
      description: 'It is not in force before.',
    }),
    validUntil: t.expose('validUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'The first instant at which it is no longer in force.',
    }),
    locked: t.exposeBoolean('locked', { description: 'More specific statements may only tighten it.' }),
  }),
});

const ImportAction = enumOf<target.ImportItem['action']>('ImportAction', 'What happens to a statement.', {
  create: 'It comes.',
  update: 'It says something else.',
  delete: 'It goes.',
});

/** What an import does to one statement. */
export const ImportItem = builder.objectRef<target.ImportItem>('ImportItem').implement({
  description: 'What an import does to one statement.',
  fields: (t) => ({
    action: t.expose('action', { type: ImportAction, description: 'What happens to it.' }),
    externalId: t.exposeString('externalId', { description: "The source's name for it." }),
    before: t.expose('before', {
      type: StatementFacts,
      nullable: true,
      description: 'What it says before; null where it comes.',
    }),
    after: t.expose('after', {
      type: StatementFacts,
      nullable: true,
      description: 'What it says then; null where it goes.',
    }),
  }),
});

const ImportCounts = builder.objectRef<target.ImportCounts>('ImportCounts').implement({
  description: 'What an import does, in numbers.',
  fields: (t) => ({
    created: t.exposeInt('created', { description: 'Statements that come.' }),
    updated: t.exposeInt('updated', { description: 'Statements that say something else.' }),
    deleted: t.exposeInt('deleted', { description: 'Statements that go.' }),
    unchanged: t.exposeInt('unchanged', { description: 'Statements that stay as they are.' }),
    rejected: t.exposeInt('rejected', { description: 'Rows that cannot be read or used.' }),
    skipped: t.exposeInt('skipped', { description: 'Records that say nothing on purpose.' }),
  }),
});

const DriftImpact = builder.objectRef<target.DriftImpact>('DriftImpact').implement({
  description: 'What an import would do to drift.',
  fields: (t) => ({
    wouldOpen: t.exposeInt('wouldOpen', { description: 'Items that would open.' }),
    wouldResolve: t.exposeInt('wouldResolve', { description: 'Items that would resolve.' }),
    wouldHideForbidden: t.exposeInt('wouldHideForbidden', {
      description: 'Of those that would resolve, open ports that are forbidden now.',
    }),
    assessed: t.exposeInt('assessed', {
      description: 'Hosts that were assessed for it, each once for each view.',
    }),
  }),
});

/** Two statements of equal rank that contradict one another. */
export const TargetConflict = builder.objectRef<target.TargetConflict>('TargetConflict').implement({
  description: 'Two statements of equal rank that contradict one another: the stricter one wins.',
  fields: (t) => ({
    winner: t.expose('winner', { type: TargetStatement, description: 'The stricter one.' }),
    loser: t.expose('loser', { type: TargetStatement, description: 'The other one.' }),
  }),
});

/** Everything that an import would do. */
export const ImportPlan = builder.objectRef<target.ImportPlan>('ImportPlan');

ImportPlan.implement({
  description: 'Everything that an import would do. It is applied as it stands, or not at all.',
  fields: (t) => ({
    hash: t.exposeString('hash', { description: 'Names the plan; `applyTargetImport` takes it.' }),
    source: t.field({
      type: TargetSource,
      description: 'Whose statements.',
      resolve: ({ sourceId }, _, { loaders }) => loaders.targetSources.get(sourceId),
    }),
    mode: t.expose('mode', { type: ImportMode, description: 'How the import is meant.' }),
    format: t.exposeString('format', { description: 'The format that the inventory was read as.' }),
    baseRevision: t.exposeInt('baseRevision', {
      description: 'The revision of the source on which it is based; another one makes the plan stale.',
    }),
    networks: t.field({
      type: ['Network'],
      nullable: true,
      description: 'Only what the source declares there is replaced; null for everything.',
      resolve: ({ networks }) => (networks === undefined ? null : [...networks]),
    }),
    counts: t.expose('counts', { type: ImportCounts, description: 'What it does, in numbers; never cut.' }),
    impact: t.expose('impact', { type: DriftImpact, description: 'What it would do to drift.' }),
    brakes: t.field({
      type: [Brake],
      description: 'Why it is not applied unless `override` names them.',
      resolve: ({ brakes }) => [...brakes],
    }),
    warnings: t.field({
      type: ['String'],
      description: 'What a careful reader should know.',
      resolve: ({ warnings }) => [...warnings],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it is forgotten.' }),
  }),
});

builder.objectFields(ImportPlan, (t) => ({
  items: t.field({
    type: [ImportItem],
    description: 'Statement by statement; a long list is cut.',
    args: { first: t.arg.int(firstArgument), offset: t.arg.int(offsetArgument) },
    complexity: listCost,
    resolve: ({ items }, part) => partOf(items, part),
  }),
  rejected: t.field({
    type: [RejectedRow],
    description: 'Rows that cannot be read or used; a long list is cut. Any refuses a snapshot.',
    args: { first: t.arg.int(firstArgument), offset: t.arg.int(offsetArgument) },
    complexity: listCost,
    resolve: ({ rejected }, part) => partOf(rejected, part),
  }),
  skipped: t.field({
    type: [RejectedRow],
    description: 'Records that say nothing on purpose, such as retired machines; a long list is cut.',
    args: { first: t.arg.int(firstArgument), offset: t.arg.int(offsetArgument) },
    complexity: listCost,
    resolve: ({ skipped }, part) => partOf(skipped, part),
  }),
  conflicts: t.field({
    type: [TargetConflict],
    description: 'What would contradict one another; a long list is cut.',
    args: { first: t.arg.int(firstArgument), offset: t.arg.int(offsetArgument) },
    complexity: listCost,
    resolve: ({ conflicts }, part) => partOf(conflicts, part),
  }),
}));

const ImportOutcome = enumOf<target.ImportResult['outcome']>('ImportOutcome', 'What became of an import.', {
  planned: 'Nothing was done: it was a dry run.',
  applied: 'It was applied, and made a revision.',
  no_changes: 'Everything is so already: no revision, no events.',
  repeated: 'It was applied before under the same idempotency key; this is that answer.',
});

/** What became of an import. */
export const TargetImport = builder.objectRef<target.ImportResult>('TargetImport').implement({
  description: 'What became of an import of an inventory.',
  fields: (t) => ({
    outcome: t.expose('outcome', { type: ImportOutcome, description: 'What became of it.' }),
    plan: t.expose('plan', { type: ImportPlan, description: 'What it did, or would do.' }),
    revision: t.field({
      type: TargetRevision,
      nullable: true,
      description: 'The revision that it made; null where it made none.',
      resolve: ({ revision }) => revision ?? null,
    }),
    stillOpen: t.field({
      type: [DriftItem],
      description:
        'Of `acceptIntoTarget`: accepted items that are open all the same, because a stricter or locked statement overrules the new one.',
      complexity: { field: 1, multiplier: 100 },
      resolve: async ({ stillOpenIds = [] }, _, { application }) => {
        const items = await Promise.all(stillOpenIds.map((id) => application.drift.items.find(id)));
        return items.filter((item) => item !== undefined);
      },
    }),
  }),
});
