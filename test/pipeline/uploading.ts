import { sql } from 'drizzle-orm';
import { expect } from 'vitest';
import { portOf } from '../../src/core/endpoint.ts';
import { ReportRejected } from '../../src/core/errors.ts';
import type { Thresholds } from '../../src/core/fold.ts';
import type { ScannerInput } from '../../src/core/settings.ts';
import { decodeState } from '../../src/core/state.ts';
import {
  type IngestRequest,
  type IngestResult,
  ingestReport,
  type Reading,
} from '../../src/pipeline/ingest.ts';
import { takeIn } from '../../src/pipeline/intake.ts';
import { createScanner } from '../../src/store/scanners.ts';
import type { Database } from '../../src/store/session.ts';
import { reportFile, storedStates } from '../laws/stored.ts';
import { nmapReport, type SmallReport } from './nmap-report.ts';

/** When the reports of these tests arrive. */
export const receivedAt = Date.parse('2026-04-01T00:00:00Z');

export const web = { address: '10.0.0.1', ports: ['22 open', '80 open'] };
export const webClosed = { address: '10.0.0.1', ports: ['22 open'] };

/** A report of a day of March 2026. */
export function on(day: number, rest: SmallReport = {}): string {
  return nmapReport({ endedAt: `2026-03-${String(day).padStart(2, '0')}T00:00:00Z`, ...rest });
}

type Upload = Partial<IngestRequest> & { readonly reading?: Reading };

/** Uploads to one database. */
export function uploadsTo(database: () => Database) {
  let scanners = 0;

  async function scannerOf(
    input: Partial<ScannerInput> & { readonly thresholds?: Partial<Thresholds> } = {},
  ): Promise<number> {
    const [group] = await database().rows<{ id: number }>(sql`select min(id) as id from scanner_group`);
    scanners += 1;
    const named = { name: `scanner ${scanners}`, groupId: Number(group?.id), ...input };
    return (await createScanner(database(), named, receivedAt)).id;
  }

  const inline: Reading = (request, store) => takeIn(request, store);

  function upload(
    scannerId: number,
    reports: string | Uint8Array | readonly string[],
    more: Upload = {},
  ): Promise<readonly IngestResult[]> {
    const { reading = inline, ...rest } = more;
    const texts = Array.isArray(reports) ? (reports as readonly string[]) : [reports as string];
    const paths = texts.map(reportFile);
    const request = { scannerId, paths, spool: `${paths[0]}.spool`, receivedAt, ...rest };
    return ingestReport(database(), request, reading);
  }

  async function uploadOne(...given: Parameters<typeof upload>): Promise<IngestResult['scan']> {
    const [result] = await upload(...given);
    if (result === undefined) throw new Error('the report holds no scan');
    return result.scan;
  }

  /** `10.0.0.1 up 22 80` for each host with a settled state. */
  async function settled(scannerId: number): Promise<string[]> {
    const states = await storedStates(database(), scannerId);
    return [...states]
      .map(([address, text]) => {
        const { status, endpoints } = decodeState(text);
        const open = [...endpoints].filter(([, endpoint]) => endpoint.open).map(([port]) => portOf(port));
        return [address, status, ...open].join(' ');
      })
      .sort();
  }

  return { scannerOf, upload, uploadOne, settled };
}

/** The code with which a report is refused. */
export async function refusal(action: Promise<unknown>): Promise<string> {
  const error = await action.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(ReportRejected);
  return (error as ReportRejected).code;
}
