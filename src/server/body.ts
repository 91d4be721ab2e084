import type { IncomingMessage } from 'node:http';
import { ReportRejected } from '../core/errors.ts';
import { limits } from '../limits.ts';
import { HttpError } from './answer.ts';

/**
 * The bytes of a request as they come. Throws when the client sends nothing for too long while we wait for it,
 * sends too much, or goes away before the end.
 */
export async function* bodyOf(
  request: IncomingMessage,
  idleMs: number = limits.uploadIdleMs,
): AsyncGenerator<Uint8Array, void, undefined> {
  const encoding = request.headers['content-encoding'] ?? 'identity';
  if (!/^(identity|gzip|x-gzip)$/i.test(encoding)) {
    throw new HttpError(415, 'The Content-Encoding may be gzip or identity', { 'Accept-Encoding': 'gzip' });
  }
  let bytes = 0;
  const chunks = request.iterator({ destroyOnReturn: false });
  for (;;) {
    // Only our waiting counts: a client that is faster than we are waits for us.
    const patience = setTimeout(() => request.destroy(new HttpError(408, 'The upload stood still')), idleMs);
    const step = await chunks
      .next()
      .catch(brokenOff)
      .finally(() => clearTimeout(patience));
    if (step.done) break;
    const chunk: Uint8Array = step.value;
    bytes += chunk.length;
    if (bytes > limits.reportBytesMax) {
      throw new ReportRejected('TOO_LARGE', `A report may have ${limits.reportBytesMax} bytes`);
    }
    yield chunk;
  }
  if (!request.complete) throw new HttpError(400, 'The upload broke off');
}

/** The client went away: its doing, not a fault of ours. */
function brokenOff(error: unknown): never {
  if ((error as NodeJS.ErrnoException).code !== 'ECONNRESET') throw error;
  throw new HttpError(400, 'The upload broke off', {}, { cause: error });
}
