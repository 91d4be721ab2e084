/** How the program can end; the shell sees the number. */
export const exitCodes = { ok: 0, error: 2, interrupted: 130 } as const;

/** Something that the person at the terminal can put right. The message says what is wrong and what to do. */
export class Failure extends Error {
  override readonly name = 'Failure';
}

/** The same, but it may pass by itself: a server that is away or busy. */
export class TemporaryFailure extends Failure {
  /** For how long the server asks us to wait, where it says so. */
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options?: ErrorOptions & { readonly retryAfterMs?: number | undefined }) {
    super(message, options);
    this.retryAfterMs = options?.retryAfterMs;
  }
}

/** The server itself failed at this one request; the next one may succeed. */
export class ServerFault extends TemporaryFailure {}

/** A server refused a report for what it holds: it would do so again. */
export class RefusedReport extends Failure {}

/** Who answers is no Dr. Portscan server, or lets nobody through to it: nothing is said about the report. */
export class ForeignAnswer extends Failure {}

/** The sentence for an error, and whether it is a mistake of the program's own. */
export function explain(error: unknown): { readonly sentence: string; readonly unexpected: boolean } {
  const known = sentenceOf(error);
  if (known !== undefined) return { sentence: finished(known), unexpected: false };
  const said = error instanceof Error ? error.message : String(error);
  return {
    sentence: `Unexpected error: ${finished(said)} DRPORTSCAN_DEBUG=1 shows where it happened.`,
    unexpected: true,
  };
}

/** Errors of the layers below that already say what the caller should know. */
const spoken: readonly string[] = [
  'Failure',
  'BadInput',
  'NotFound',
  'NameTaken',
  'InUse',
  'ReportRejected',
  'ReportRefused',
  'CursorExpired',
  'SlowConsumer',
  'TargetRefused',
];

function sentenceOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (spoken.includes(error.name)) return error.message;
  return systemSentence(error) ?? databaseSentence(error) ?? causeOf(error);
}

function causeOf(error: Error): string | undefined {
  if (error instanceof AggregateError) return sentenceOf(error.errors[0]);
  return error.cause === undefined ? undefined : sentenceOf(error.cause);
}

interface SystemError extends Error {
  readonly code?: string;
  readonly path?: string;
  readonly address?: string;
  readonly port?: number;
}

function systemSentence({ code, path, address, port }: SystemError): string | undefined {
  const where = path === undefined ? `${address ?? 'the address'}:${port ?? ''}` : placeOf(path);
  switch (code) {
    case 'ENOENT':
      return `${where} does not exist`;
    case 'EISDIR':
      return `${where} is a directory, not a file`;
    case 'ENOTDIR':
    case 'EEXIST':
      return `${where} is not a directory`;
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return path === undefined
        ? `No permission to use ${where}; ports below 1024 need more rights`
        : `No permission for ${where}; change its owner or mode, or choose another place`;
    case 'ENOSPC':
      return 'The disk is full; free some space and try again';
    case 'EADDRINUSE':
      return `Something else listens on ${where}; stop it, or choose another port with --port`;
    case 'EADDRNOTAVAIL':
      return `${address ?? 'The address'} is not an address of this machine; choose another one with --host`;
    case 'ECONNREFUSED':
      return `Nobody listens on ${where}`;
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return 'The name of the host cannot be resolved; check its spelling';
    default:
      return undefined;
  }
}

/** A name that could be taken for a word of the sentence stands in quotes. */
function placeOf(path: string): string {
  return /^[a-z]+$/i.test(path) ? `"${path}"` : path;
}

/** PostgreSQL's own errors by class (PostgreSQL manual, appendix A). */
function databaseSentence(error: Error): string | undefined {
  const { code = '' } = error as SystemError;
  if (error.name !== 'PostgresError') return connectionSentence(code);
  if (code.startsWith('28')) return `PostgreSQL does not let us in: ${error.message}. Check DATABASE_URL`;
  if (code === '3D000') return `PostgreSQL says: ${error.message}. Create it, or check DATABASE_URL`;
  if (code.startsWith('53') || code.startsWith('57P'))
    return `PostgreSQL says: ${error.message}. Try again later`;
  if (code === '42501')
    return `PostgreSQL says: ${error.message}. The user of DATABASE_URL needs to own the schema`;
  return undefined;
}

function connectionSentence(code: string): string | undefined {
  if (code === 'CONNECT_TIMEOUT' || code === 'CONNECTION_CLOSED' || code === 'CONNECTION_ENDED')
    return 'The connection to PostgreSQL broke; check that it runs and that DATABASE_URL is right';
  return undefined;
}

function finished(sentence: string): string {
  const text = sentence.trim();
  const begun = /^[a-z]+ /.test(text) ? `${text.charAt(0).toUpperCase()}${text.slice(1)}` : text;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}
