import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { ReportRejected } from '../core/errors.ts';
import type { Scan } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import type { Database } from '../store/session.ts';
import { ingestReport } from './ingest.ts';
import type { Readers } from './readers.ts';

/** What goes with a report. */
export interface ReportUpload {
  readonly scannerId: number;
  readonly format?: string;
  readonly addresses?: readonly string[];
  readonly ports?: string;
  readonly observedAt?: Instant;
}

/** What became of an upload: the scans of all its runs; `scan` is the last of them. */
export interface ReportUploaded {
  readonly scan: Scan;
  readonly repeated: boolean;
  readonly scans: readonly Scan[];
}

/** Takes in reports that come as bytes or as files. */
export interface ReportUploads {
  upload(upload: ReportUpload, report: AsyncIterable<Uint8Array>): Promise<ReportUploaded>;
  uploadFiles(upload: ReportUpload, paths: readonly string[]): Promise<ReportUploaded>;
}

/** Reports wait in the spool directory until they are read: a slow sender holds no transaction open. */
export function openReportUploads(
  database: Database,
  { readers, spool, now }: { readers: Readers; spool: string; now: () => Instant },
): ReportUploads {
  const uploadFiles: ReportUploads['uploadFiles'] = async (upload, paths) => {
    await mkdir(spool, { recursive: true });
    const request = { ...upload, paths, spool: join(spool, randomUUID()), receivedAt: now() };
    const results = await ingestReport(database, request, readers.read);
    const scans = results.map(({ scan }) => scan);
    const scan = scans.at(-1);
    if (scan === undefined) throw new ReportRejected('EMPTY', 'The report holds no scan.');
    return { scan, scans, repeated: results.every(({ repeated }) => repeated) };
  };
  return {
    uploadFiles,
    async upload(upload, report) {
      await mkdir(spool, { recursive: true });
      const path = join(spool, `${randomUUID()}.report`);
      try {
        await pipeline(report, limited, createWriteStream(path));
        return await uploadFiles(upload, [path]);
      } finally {
        await rm(path, { force: true });
      }
    },
  };
}

/** Throws ReportRejected TOO_LARGE beyond the largest report. */
async function* limited(report: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let bytes = 0;
  for await (const chunk of report) {
    bytes += chunk.length;
    if (bytes > limits.reportBytesMax) {
      throw new ReportRejected('TOO_LARGE', `The report is larger than ${limits.reportBytesMax} bytes.`);
    }
    yield chunk;
  }
}
