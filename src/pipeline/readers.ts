import { Worker } from 'node:worker_threads';
import { ReportRejected } from '../core/errors.ts';
import { limits } from '../limits.ts';
import type { Reading } from './ingest.ts';
import { takeIn } from './intake.ts';
import type { IntakeRequest, IntakeResult, IntakeStore } from './intake-messages.ts';
import type { FromWorker, ToWorker } from './intake-worker.ts';

/** Reads reports: small ones at once, large ones in worker threads, so that the server goes on answering. */
export interface Readers {
  readonly read: Reading;
  /** Ends the idle threads. */
  close(): Promise<void>;
}

/** No thread is started before the first large report. */
export function openReaders(): Readers {
  const idle: Worker[] = [];
  let isOpen = true;
  return {
    async read(request, store, bytes) {
      if (bytes <= limits.inlineReportBytesMax) return takeIn(request, store);
      const worker = idle.pop() ?? startWorker();
      worker.ref();
      try {
        const result = await readIn(worker, request, store);
        if (isOpen && idle.length < limits.idleWorkersMax) {
          worker.unref();
          idle.push(worker);
        } else await worker.terminate();
        return result;
      } catch (error) {
        await worker.terminate();
        throw error;
      }
    },
    async close() {
      isOpen = false;
      await Promise.all(idle.splice(0).map((worker) => worker.terminate()));
    },
  };
}

function startWorker(): Worker {
  return new Worker(workerUrl, { resourceLimits: { maxYoungGenerationSizeMb: limits.workerYoungMegabytes } });
}

/** Node runs no TypeScript in threads: from the sources, the compiled worker is used. */
const workerUrl = import.meta.url.endsWith('.ts')
  ? new URL('../../dist/src/pipeline/intake-worker.js', import.meta.url)
  : new URL('./intake-worker.js', import.meta.url);

function readIn(worker: Worker, request: IntakeRequest, store: IntakeStore): Promise<IntakeResult> {
  return new Promise((resolve, reject) => {
    const end = (act: () => void) => {
      worker.off('message', onMessage);
      worker.off('error', onError);
      worker.off('exit', onExit);
      act();
    };
    const onMessage = (message: FromWorker) => {
      if (message.kind === 'ask')
        void answer(worker, message, store).catch((error) => end(() => reject(error)));
      else if (message.kind === 'result') end(() => resolve(message.result));
      else if (message.kind === 'rejected')
        end(() => reject(new ReportRejected(message.code, message.message)));
      else end(() => reject(message.error));
    };
    const onError = (error: unknown) => end(() => reject(error));
    const onExit = () => end(() => reject(new Error('the thread that read the report ended')));
    worker.on('message', onMessage);
    worker.on('error', onError);
    worker.on('exit', onExit);
    tell(worker, { kind: 'read', request });
  });
}

/** Answers a worker. A store that fails ends the reading: the transaction is lost anyway. */
async function answer(
  worker: Worker,
  { id, method, values }: Extract<FromWorker, { kind: 'ask' }>,
  store: IntakeStore,
): Promise<void> {
  const call = store[method] as (...values: readonly unknown[]) => Promise<unknown>;
  tell(worker, { kind: 'answer', id, value: await call(...values) });
}

function tell(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
