import { spawnSync } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { sql } from 'drizzle-orm';
import { portOf, protocolOf } from '../../src/core/endpoint.ts';
import { readReport } from '../../src/input/read-report.ts';
import { openDatabase } from '../../src/store/database.ts';
import { secondsOf, secondsOfProgram } from './measure.ts';
import { createPostgres, settle, type World } from './world.ts';

/** Why there is no xmllint; undefined where there is one. */
export function missingXmllint(): string | undefined {
  const { error } = spawnSync('xmllint', ['--version']);
  return error === undefined ? undefined : 'needs xmllint (Debian: apt-get install libxml2-utils)';
}

/** Seconds in which a C parser reads the report and does nothing else. */
export function xmllintSeconds(path: string): Promise<number> {
  return secondsOfProgram('xmllint', ['--stream', '--noout', path]);
}

/** The open ports of a report as rows for COPY: address, protocol, port, service. */
export async function portRows(path: string): Promise<string> {
  const lines: string[] = [];
  for await (const events of readReport(createReadStream(path, { highWaterMark: 512 << 10 }))) {
    for (const event of events) {
      if (event.kind !== 'record') continue;
      for (const inner of event.read()) {
        if (inner.kind !== 'host') continue;
        const { address, ports } = inner.host;
        for (const { port, state, service } of ports) {
          if (state !== 'open') continue;
          lines.push(`${address}\t${protocolOf(port)}\t${portOf(port)}\t${service?.name ?? ''}\n`);
        }
      }
    }
  }
  return lines.join('');
}

/** Seconds of a plain COPY of these rows, one transaction, into an empty table with a primary key. */
export async function copySeconds(world: World, rows: string): Promise<number> {
  const database = await openDatabase({ url: await createPostgres(world, 'floor') });
  try {
    await database.rows(sql`
      create table floor (address inet, protocol text, port integer, service text, primary key (address, protocol, port))
    `);
    await settle(world);
    const columns = ['address', 'protocol', 'port', 'service'];
    return await secondsOf(() =>
      database.transaction((session) => session.copy({ table: 'floor', columns }, rows)),
    );
  } finally {
    await database.close();
  }
}
