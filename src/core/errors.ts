import type { Brake, RejectedRow } from './target-model.ts';

/** What a caller can correct. The message names the place, the reason and the remedy. */
export class CallerError extends Error {
  override readonly name: string = 'CallerError';
}

/** An argument that cannot be used as it is. */
export class BadInput extends CallerError {
  override readonly name = 'BadInput';
  readonly field: string | undefined;

  constructor(message: string, field?: string) {
    super(message);
    this.field = field;
  }
}

/** A thing that was named does not exist (or may not be seen). */
export class NotFound extends CallerError {
  override readonly name = 'NotFound';
}

/** Another thing of the same kind has that name already. */
export class NameTaken extends CallerError {
  override readonly name = 'NameTaken';
}

/** The thing cannot be removed while others refer to it. */
export class InUse extends CallerError {
  override readonly name = 'InUse';
}

/** A report as a whole is refused; nothing of it was used. */
export class ReportRejected extends CallerError {
  override readonly name = 'ReportRejected';
  /** For programs: NOT_A_REPORT, EMPTY, UNSAFE_XML, TOO_LARGE, FUTURE, … */
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** The log no longer holds what follows the cursor. */
export class CursorExpired extends CallerError {
  override readonly name = 'CursorExpired';
  readonly oldest: string;

  constructor(message: string, oldest: string) {
    super(message);
    this.oldest = oldest;
  }
}

/** A subscriber that does not keep up is let go; it resumes from the cursor. */
export class SlowConsumer extends CallerError {
  override readonly name = 'SlowConsumer';
  readonly cursor: string;

  constructor(message: string, cursor: string) {
    super(message);
    this.cursor = cursor;
  }
}

/** An inventory is not applied; nothing of it was. */
export class TargetRefused extends CallerError {
  override readonly name = 'TargetRefused';
  readonly code: TargetRefusal;
  /** The brakes that were hit; only with the code `BRAKES`. */
  readonly brakes: readonly Brake[];
  /** Rows that cannot be used; only with the code `UNREADABLE_ROWS`. */
  readonly rows: readonly RejectedRow[];

  constructor(
    code: TargetRefusal,
    message: string,
    { brakes = [], rows = [] }: { brakes?: readonly Brake[]; rows?: readonly RejectedRow[] } = {},
  ) {
    super(message);
    this.code = code;
    this.brakes = brakes;
    this.rows = rows;
  }
}

/** Why an inventory is not applied. */
export const targetRefusals = [
  'BRAKES',
  'UNREADABLE_ROWS',
  'STALE_PLAN',
  'EXPIRED_PLAN',
  'UNKNOWN_PLAN',
  'REVISION_MISMATCH',
  'KEY_REUSED',
  'NOT_AN_INVENTORY',
  'EMPTY',
  'UNSAFE_XML',
  'TOO_LARGE',
  'UNSUPPORTED_ENCODING',
  'CORRUPT',
] as const;
export type TargetRefusal = (typeof targetRefusals)[number];
