import { parentPort } from 'node:worker_threads';
import { assert } from '../core/assert.ts';
import { ReportRejected } from '../core/errors.ts';
import type { CopyText } from '../store/session.ts';
import { takeIn } from './intake.ts';
import type { IntakeRequest, IntakeResult, IntakeStore, RowBatch } from './intake-messages.ts';

/** What a worker says to the thread that started it. */
export type FromWorker =
  | {
      readonly kind: 'ask';
      readonly id: number;
      readonly method: keyof IntakeStore;
      readonly values: readonly unknown[];
    }
  | { readonly kind: 'result'; readonly result: IntakeResult }
  | { readonly kind: 'rejected'; readonly code: string; readonly message: string }
  | { readonly kind: 'failed'; readonly error: unknown };

/** What it is told. */
export type ToWorker =
  | { readonly kind: 'read'; readonly request: IntakeRequest }
  | { readonly kind: 'answer'; readonly id: number; readonly value: unknown };

const port = parentPort;
assert(port !== null, 'this module runs in a worker thread');

const waiting = new Map<number, (value: never) => void>();
let asked = 0;

function tell(message: FromWorker, given: readonly ArrayBuffer[] = []): void {
  port?.postMessage(message, given);
}

/** The buffers in `given` are handed over instead of copied. */
function ask<T>(
  method: keyof IntakeStore,
  values: readonly unknown[],
  given: readonly ArrayBuffer[] = [],
): Promise<T> {
  asked += 1;
  const id = asked;
  return new Promise<T>((resolve) => {
    waiting.set(id, resolve);
    tell({ kind: 'ask', id, method, values }, given);
  });
}

const encoder = new TextEncoder();

function bytesOf(text: CopyText): Uint8Array<ArrayBuffer> {
  return typeof text === 'string' ? encoder.encode(text) : text;
}

/** The rows as bytes, so that the thread that writes them has nothing to do but to pass them on. */
function writeRows(rows: RowBatch): Promise<void> {
  const states = bytesOf(rows.states);
  const heads = bytesOf(rows.heads);
  const runs = bytesOf(rows.runs);
  const changes = bytesOf(rows.changes);
  const given = [states, heads, runs, changes].map(({ buffer }) => buffer);
  return ask('write', [{ ...rows, states, heads, runs, changes }], given);
}

const remoteStore: IntakeStore = {
  begin: (beginning) => ask('begin', [beginning]),
  states: (addresses) => ask('states', [addresses]),
  known: (profileId, addresses) => ask('known', [profileId, addresses]),
  histories: (addresses) => ask('histories', [addresses]),
  write: writeRows,
};

async function read(request: IntakeRequest): Promise<void> {
  try {
    tell({ kind: 'result', result: await takeIn(request, remoteStore) });
  } catch (error) {
    if (error instanceof ReportRejected) tell({ kind: 'rejected', code: error.code, message: error.message });
    else tell({ kind: 'failed', error });
  }
}

port.on('message', (message: ToWorker) => {
  if (message.kind === 'read') {
    void read(message.request);
    return;
  }
  const resolve = waiting.get(message.id);
  waiting.delete(message.id);
  resolve?.(message.value as never);
});
