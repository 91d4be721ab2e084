import { randomUUID } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { BadInput, ReportRejected } from '../core/errors.ts';
import type { Scan } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { ReportRefused } from '../input/agent.ts';
import { agentNamed } from '../input/detect.ts';
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
  /** What whoever sent it again should know. */
  readonly note?: string;
}

/** Refuses an upload for what can be known before its report comes. Throws BadInput. */
export function checkUpload({ format, observedAt }: ReportUpload, now: Instant): void {
  const unknown = format === undefined ? undefined : whyUnknown(format);
  if (unknown !== undefined) throw new BadInput(unknown.message, 'format');
  if (observedAt === undefined || observedAt <= now + limits.clockSkewMs) return;
  const time = new Date(observedAt).toISOString();
  throw new BadInput(
    `"observedAt" is ${time}, which is in the future: give the time of the scan`,
    'observedAt',
  );
}

/** Why there is no such format; undefined where there is one. */
function whyUnknown(format: string): ReportRejected | undefined {
  try {
    agentNamed(format);
    return undefined;
  } catch (error) {
    if (!(error instanceof ReportRefused)) throw error;
    return new ReportRejected(error.code, error.message);
  }
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
    // A report that is known already would not be read, and the wrong format not be noticed.
    const unknown = upload.format === undefined ? undefined : whyUnknown(upload.format);
    if (unknown !== undefined) throw unknown;
    await mkdir(spool, { recursive: true });
    const request = { ...upload, paths, spool: join(spool, randomUUID()), receivedAt: now() };
    const results = await ingestReport(database, request, readers.read);
    const scans = results.map(({ scan }) => scan);
    const scan = scans.at(-1);
    if (scan === undefined) throw new ReportRejected('EMPTY', 'The report holds no scan.');
    const note = results.find((result) => result.note !== undefined)?.note;
    const repeated = results.every((result) => result.repeated);
    return { scan, scans, repeated, ...(note === undefined ? {} : { note }) };
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
