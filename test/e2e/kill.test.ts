import { EventEmitter, once } from 'node:events';
import { gzipSync } from 'node:zlib';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { openDatabase } from '../../src/store/database.ts';
import { type DatabaseKind, eachDatabase, freshDatabase } from '../support/databases.ts';
import { type Running, runCli, startCli } from '../support/program.ts';

const kills = Number(process.env.KILLS ?? 4);
const hosts = 40;
const ports = [22, 80, 443, 8080, 8443];

/** A report about a network of its own, so that what is stored of it can be counted. */
function report(number: number): string {
  const prefix = `10.${number >> 8}.${number & 255}`;
  const port = (id: number) =>
    `<port protocol="tcp" portid="${id}"><state state="open" reason="syn-ack"/><service name="s" product="p${number}" method="probed"/></port>`;
  const host = (last: number) =>
    `<host><status state="up" reason="arp-response"/><address addr="${prefix}.${last}" addrtype="ipv4"/><ports>${ports.map(port).join('')}</ports></host>`;
  const lines = Array.from({ length: hosts }, (_, i) => host(i + 1)).join('\n');
  const time = 1_790_000_000 + number;
  return `<?xml version="1.0"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sV -p 22,80,443,8080,8443 ${prefix}.0/24" start="${time}" version="7.93">
<scaninfo type="syn" protocol="tcp" numservices="5" services="22,80,443,8080,8443"/>
${lines}
<runstats><finished time="${time}" exit="success"/></runstats>
</nmaprun>
`;
}

async function serve(url: string): Promise<{ server: Running; base: string }> {
  const place = url.startsWith('pglite:') ? ['--data', url.slice('pglite:'.length)] : [];
  const env = url.startsWith('pglite:') ? { DATABASE_URL: undefined } : { DATABASE_URL: url };
  const server = startCli(['serve', '--port', '0', ...place], { env });
  const [, base = ''] = await server.prints(/listens on (http:\S+)/);
  return { server, base };
}

/** Uploads until the server dies, and tells which numbers it acknowledged. */
async function uploadUntilDeath(
  base: string,
  numbers: Iterator<number>,
  onAcknowledged: (number: number) => void,
): Promise<void> {
  for (;;) {
    const number = numbers.next().value as number;
    try {
      const answer = await fetch(`${base}/scans?scanner=killed`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: gzipSync(report(number)),
      });
      const body = await answer.text();
      expect(answer.status, body).toBeLessThan(300);
      onAcknowledged(number);
    } catch (error) {
      if (error instanceof TypeError) return; // The connection is gone, and the server with it.
      throw error;
    }
  }
}

function* counter(): Generator<number> {
  for (let number = 1; ; number += 1) yield number;
}

/** Each stored scan with how much of it is there. */
async function storedScans(
  url: string,
): Promise<{ network: string; up: number; open: number; logged: number }[]> {
  const database = await openDatabase({ url });
  try {
    return await database.rows(sql`
      select
        scan.receipt->'scopeAddresses'->>0 as network,
        (scan.receipt->>'hostsUp')::int as up,
        (select coalesce(sum(cardinality(open)), 0)::int from host_state
          where address <<= (scan.receipt->'scopeAddresses'->>0)::inet) as open,
        (select count(*)::int from change where change.scan_id = scan.id and kind = 1) as logged
      from scan
      order by scan.id
      limit 100000
    `);
  } finally {
    await database.close();
  }
}

async function killAgainAndAgain(kind: DatabaseKind): Promise<{ acknowledged: number[]; url: string }> {
  const url = await freshDatabase(kind);
  const env = url.startsWith('pglite:') ? { DATABASE_URL: undefined } : { DATABASE_URL: url };
  const place = url.startsWith('pglite:') ? ['--data', url.slice('pglite:'.length)] : [];
  const added = await runCli(['scanner', 'add', 'killed', ...place], { env });
  expect(added.code, added.stderr).toBe(0);
  const numbers = counter();
  const acknowledged: number[] = [];
  for (let round = 0; round < kills; round += 1) {
    const { server, base } = await serve(url);
    const enough = acknowledged.length + 1 + Math.floor(Math.random() * 12);
    const news = new EventEmitter();
    const onAcknowledged = (number: number) => {
      acknowledged.push(number);
      if (acknowledged.length === enough) news.emit('enough');
    };
    const busy = once(news, 'enough');
    const clients = Array.from({ length: 4 }, () => uploadUntilDeath(base, numbers, onAcknowledged));
    await Promise.race([busy, Promise.all(clients)]);
    await server.stop('SIGKILL');
    await Promise.all(clients);
  }
  return { acknowledged, url };
}

eachDatabase(({ kind }) => {
  test(`after each of ${kills} kills in the middle of uploads, every acknowledged scan is there whole and no other in part`, {
    timeout: 300_000 + kills * 10_000,
  }, async () => {
    const { acknowledged, url } = await killAgainAndAgain(kind);
    const stored = await storedScans(url);
    const networks = new Map(stored.map((scan) => [scan.network, scan]));
    for (const number of acknowledged)
      expect(networks.has(`10.${number >> 8}.${number & 255}.0/24`)).toBe(true);
    for (const scan of stored)
      expect(scan).toMatchObject({ up: hosts, open: hosts * ports.length, logged: hosts });
    expect(acknowledged.length).toBeGreaterThanOrEqual(kills);
  });
});
