import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { changesOfRow } from '../../src/core/entry.ts';
import { type IngestRequest, type IngestResult, ingestReport } from '../../src/pipeline/ingest.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import { createScanner } from '../../src/store/scanners.ts';
import type { Database } from '../../src/store/session.ts';

/** A scanner with a name of its own in the default group. */
export async function newScanner(database: Database): Promise<number> {
  const [group] = await database.rows<{ id: number }>(sql`select min(id) as id from scanner_group`);
  const name = `scanner ${randomUUID()}`;
  const { id } = await createScanner(database, { name, groupId: Number(group?.id) }, Date.now());
  return id;
}

/** Takes in one report file through the real pipeline; gives the first run's result. */
export async function takeInFile(
  database: Database,
  scannerId: number,
  path: string,
  more: Partial<IngestRequest> = {},
): Promise<IngestResult> {
  const readers = openReaders();
  try {
    const spool = join(tmpdir(), `drportscan-test-${randomUUID()}`);
    const request = { scannerId, paths: [path], spool, receivedAt: Date.now(), ...more };
    const [result] = await ingestReport(database, request, readers.read);
    if (result === undefined) throw new Error(`${path} holds no scan`);
    return result;
  } finally {
    await readers.close();
  }
}

/** The entries that a scan brought, as short sentences: `port_opened 10.0.0.1 443`. */
export async function changesOfScan(database: Database, scanId: number): Promise<string[]> {
  const rows = await database.rows<{
    address: string;
    kind: number;
    ports: number[] | null;
    baseline: boolean;
    confirmations: number;
    facts: string | null;
    at: string;
  }>(sql`
    select host(address) as address, kind, ports, baseline, confirmations, facts, at
    from change
    where scan_id = ${scanId} and retracts is null
    order by sequence
    limit 100000
  `);
  return rows.flatMap(({ address, ...row }) =>
    changesOfRow({ ...row, at: parseInstant(row.at), observedAt: null }).map(({ kind, port, baseline }) =>
      [kind, address, port === undefined ? '' : `${port & 0xffff}`, baseline ? 'baseline' : '']
        .filter(Boolean)
        .join(' '),
    ),
  );
}
