import { parentPort } from 'node:worker_threads';
import { assert } from '../core/assert.ts';
import { ReportRejected } from '../core/errors.ts';
import { takeIn } from './intake.ts';
import type { IntakeRequest, IntakeResult, IntakeStore } from './intake-messages.ts';

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

function tell(message: FromWorker): void {
  port?.postMessage(message);
}

function ask<T>(method: keyof IntakeStore, ...values: unknown[]): Promise<T> {
  asked += 1;
  const id = asked;
  return new Promise<T>((resolve) => {
    waiting.set(id, resolve);
    tell({ kind: 'ask', id, method, values });
  });
}

const remoteStore: IntakeStore = {
  begin: (beginning) => ask('begin', beginning),
  states: (addresses) => ask('states', addresses),
  known: (profileId, addresses) => ask('known', profileId, addresses),
  histories: (addresses) => ask('histories', addresses),
  write: (rows) => ask('write', rows),
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
