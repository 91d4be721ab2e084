import { type TargetRefusal as Refusal, TargetRefused as Refused } from '../core/errors.ts';
import type * as target from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { builder } from './builder.ts';
import { ErrorInterface } from './errors.ts';
import { BrakeKind } from './target-values.ts';
import { enumOf } from './values.ts';

const TargetRefusal = enumOf<Refusal>('TargetRefusal', 'Why an inventory is not applied.', {
  BRAKES: 'It would do something that is usually a mistake; `override` lets it go.',
  UNREADABLE_ROWS: 'A snapshot with rows that cannot be used might take away what they declare.',
  STALE_PLAN: 'The source was imported into since the plan was made: plan again.',
  EXPIRED_PLAN: 'The plan is too old: plan again.',
  UNKNOWN_PLAN: 'There is no plan with this hash.',
  REVISION_MISMATCH: 'The source has another revision than the caller knows.',
  KEY_REUSED: 'The idempotency key was used for another import.',
  NOT_AN_INVENTORY: 'The format is not known, or it is another one.',
  EMPTY: 'There is nothing in it.',
  UNSAFE_XML: 'It declares entities or a document type of its own.',
  TOO_LARGE: 'It exceeds a limit.',
  UNSUPPORTED_ENCODING: 'It is not UTF-8 or UTF-16.',
  CORRUPT: 'It cannot be unpacked or read to its end.',
});

export const Brake = builder.objectRef<target.Brake>('Brake').implement({
  description: 'Why an import is not applied unless somebody says so.',
  fields: (t) => ({
    kind: t.expose('kind', {
      type: BrakeKind,
      description: 'Which brake; its name is what `override` takes.',
    }),
    observed: t.exposeString('observed', { description: 'What the import would do.' }),
    limit: t.exposeString('limit', { description: 'What goes without saying.' }),
    message: t.exposeString('message', { description: 'What is wrong, and how to let the brake go.' }),
  }),
});

export const RejectedRow = builder.objectRef<target.RejectedRow>('RejectedRow').implement({
  description: 'A row of an inventory that was not used. Text of the inventory: never trust it.',
  fields: (t) => ({
    line: t.exposeInt('line', { nullable: true, description: 'Its line, where the format has lines.' }),
    record: t.exposeInt('record', { nullable: true, description: 'Its number among the records, from 1.' }),
    name: t.exposeString('name', { nullable: true, description: 'Its own name for itself.' }),
    reason: t.exposeString('reason', { description: 'Why it was not used.' }),
  }),
});

builder.objectType(Refused, {
  name: 'TargetRefused',
  description: 'An inventory is not applied; nothing of it was.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    code: t.expose('code', { type: TargetRefusal, description: 'For programs.' }),
    brakes: t.field({
      type: [Brake],
      description: 'The brakes that were hit; only with the code `BRAKES`.',
      resolve: ({ brakes }) => [...brakes],
    }),
    rows: t.field({
      type: [RejectedRow],
      description: 'Rows that cannot be used, the first thousand; only with the code `UNREADABLE_ROWS`.',
      resolve: ({ rows }) => rows.slice(0, limits.problemsMax),
    }),
  }),
});
