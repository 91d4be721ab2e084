import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openApplication } from '../../src/pipeline/application.ts';
import { ingestReport } from '../../src/pipeline/ingest.ts';
import { refoldHosts } from '../../src/pipeline/refold-hosts.ts';
import { openReportUploads } from '../../src/pipeline/report-uploads.ts';
import { openPortsAsOf } from '../../src/store/past-ports.ts';
import { findScanner } from '../../src/store/scanners.ts';
import type { Database } from '../../src/store/session.ts';
import { copySeconds, portRows } from './floors.ts';
import {
  listed,
  median,
  type Row,
  ratioOf,
  type Sample,
  sampleBetween,
  sampled,
  secondsOf,
  tell,
} from './measure.ts';
import { createPostgres, openWithScanner, type ReportName, settle, type World } from './world.ts';

const scansOfOneHost = 1000;

/** What the past costs: one host with many scans, the /16 and parts of it as of a moment, two moments compared. */
export async function measureHistory(world: World): Promise<Row[]> {
  const rows = await portRows((await world.report('first')).path);
  const alone = await openWithScanner(await createPostgres(world, 'one-host'));
  const network = await openWithScanner(await createPostgres(world, 'history'));
  try {
    await takeIn(world, network, 'first');
    await takeIn(world, network, 'many');
    for (const place of [alone, network]) await scanOneHost(world, place);
    await settle(world, 'one-host');
    await settle(world, 'history');
    return [...(await refoldRows(world, { alone, network })), ...(await pastRows(world, network, rows))];
  } finally {
    await alone.database.close();
    await network.database.close();
  }
}

interface Place {
  readonly database: Database;
  readonly scannerId: number;
}

async function takeIn(world: World, { database, scannerId }: Place, name: ReportName): Promise<void> {
  const { path } = await world.report(name);
  tell(`taking in "${name}"`);
  const request = { scannerId, paths: [path], spool: `${path}.spool`, receivedAt: Date.now() };
  await ingestReport(database, request, world.readers.read);
}

const address = '10.20.3.7';
const begin = 1_770_000_000;

/** Scans of one host, hour after hour; now and then a port opens or closes. */
async function scanOneHost(world: World, { database, scannerId }: Place): Promise<void> {
  const path = join(world.directory, 'one-host.xml');
  for (let scan = 0; scan < scansOfOneHost; scan += 1) {
    const at = begin + scan * 3600;
    const ports = scan % 50 < 25 ? [22, 80, 443] : [22, 443];
    const listed_ = ports.map((port) => `<port protocol="tcp" portid="${port}"><state state="open"/></port>`);
    writeFileSync(
      path,
      `<?xml version="1.0"?><nmaprun scanner="nmap" args="nmap -p 1-1000 -oX - ${address}" start="${at - 9}" version="7.95"><scaninfo type="syn" protocol="tcp" numservices="1000" services="1-1000"/><host><status state="up"/><address addr="${address}" addrtype="ipv4"/><ports><extraports state="closed" count="997"/>${listed_.join('')}</ports></host><runstats><finished time="${at}" exit="success"/></runstats></nmaprun>`,
    );
    const request = { scannerId, paths: [path], spool: `${path}.spool`, receivedAt: Date.now() };
    await ingestReport(database, request, world.readers.read);
  }
}

async function refoldRows(world: World, places: { alone: Place; network: Place }): Promise<Row[]> {
  const seconds = { alone: [] as number[], network: [] as number[] };
  for (let run = 0; run < 10 * world.runs; run += 1) {
    for (const which of ['alone', 'network'] as const)
      seconds[which].push(await refoldSeconds(places[which]));
  }
  return [
    ms('re-fold one host with 1,000 scans behind it, alone', seconds.alone, 5),
    ms('re-fold one host with 1,000 scans behind it, among 65,536', seconds.network, 5),
  ];
}

async function refoldSeconds({ database, scannerId }: Place): Promise<number> {
  const scanner = await findScanner(database, scannerId);
  if (scanner === undefined) throw new Error('the scanner of the bench is gone');
  const owner = { addressSpaceId: scanner.addressSpaceId, scannerId };
  return database.transaction((session) =>
    secondsOf(() =>
      refoldHosts(session, owner, {
        thresholds: scanner.thresholds,
        selection: { kind: 'addresses', addresses: [address] },
        reason: 'late_scan',
        now: Date.now(),
      }),
    ),
  );
}

async function pastRows(world: World, { database }: Place, rows: string): Promise<Row[]> {
  const now = () => Date.now();
  const uploads = openReportUploads(database, { readers: world.readers, spool: world.directory, now });
  const application = openApplication(database, { uploads, now });
  const { items } = await application.scans.page({}, { limit: 2, backward: true });
  const [from = 0, to = 0] = items.map(({ node }) => node.at).sort((a, b) => a - b);
  const floor = () => copySeconds(world, rows);
  const all: Sample[] = [];
  const compared: Sample[] = [];
  const times = { network: [] as number[], host: [] as number[] };
  let endpoints = 0;
  let differences = 0;
  const countEndpoints = async () => {
    const hosts = [...(await openPortsAsOf(database, {}, from)).values()].flatMap((own) => [...own.values()]);
    endpoints = hosts.reduce((sum, ports) => sum + ports.length, 0);
  };
  for (let run = 0; run < world.runs; run += 1) {
    all.push(await sampleBetween(floor, () => secondsOf(countEndpoints)));
    compared.push(
      await sampleBetween(floor, () =>
        secondsOf(async () => {
          differences = await application.differences.count({ from, to });
        }),
      ),
    );
    for (let i = 0; i < 10; i += 1) {
      const page = { limit: 100, backward: false };
      const network = { networks: [`10.20.${20 + run * 10 + i}.0/24`] };
      times.network.push(await secondsOf(() => application.hosts.page(network, page, from)));
      times.host.push(
        await secondsOf(() =>
          application.hosts.findMany([{ addressSpaceId: 1, address: `10.20.9.${i}` }], from),
        ),
      );
    }
  }
  await application.close();
  const x = (name: string, samples: readonly Sample[], limit: number, what: string): Row => {
    const note = `${sampled(samples)}; ${what}`;
    return { group: 'history', name, value: ratioOf(samples), unit: 'x', limit, note };
  };
  return [
    x('all endpoints of the /16 as of a past moment / COPY', all, 0.5, `${endpoints} endpoints`),
    ms('one /24 as of a past moment', times.network, 10),
    ms('one host as of a past moment', times.host, 5),
    x('compare two moments of the /16 / COPY', compared, 1, `${differences} differences`),
  ];
}

function ms(name: string, samples: readonly number[], limit: number): Row {
  const milliseconds = samples.map((one) => one * 1000);
  const note = `${listed(milliseconds, 1)} ms`;
  return { group: 'history', name, value: median(milliseconds), unit: 'ms', limit, note };
}
