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
