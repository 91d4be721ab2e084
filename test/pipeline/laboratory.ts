import { join } from 'node:path';
import type { EndpointFilter, Page, PageRequest, Scan } from '../../src/core/model.ts';
import { openApplication } from '../../src/pipeline/application.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import { openReportUploads } from '../../src/pipeline/report-uploads.ts';
import type { Database } from '../../src/store/session.ts';
import { temporaryDirectory } from '../support/temporary.ts';

export type LaboratoryApplication = ReturnType<typeof openApplication>;

/** One listed host of a report: its ports by number; `open`, another state, or an open port with a product. */
export interface ReportedHost {
  readonly address: string;
  readonly names?: readonly string[];
  readonly ports: Readonly<Record<number, string>>;
}

/** What a report says. It covers the targets and the ports of one protocol. */
export interface Report {
  readonly scannerId: number;
  readonly targets?: string;
  readonly protocol?: 'tcp' | 'udp';
  readonly ports?: string;
  readonly hosts: readonly ReportedHost[];
  /** End of the scan in seconds since 1970. */
  readonly at: number;
  /** `error` makes the scan partial. */
  readonly exit?: 'success' | 'error';
}

/** An application with the real ingest. */
export function openLaboratory(database: Database) {
  const now = () => Date.now();
  const readers = openReaders();
  const spool = join(temporaryDirectory(), 'spool');
  const uploads = openReportUploads(database, { readers, spool, now });
  const application = openApplication(database, { uploads, now });
  return {
    application,
    take: async (report: Report): Promise<Scan> => {
      const { scannerId } = report;
      return (await application.scans.upload({ scannerId }, bytesOf(nmapXml(report)))).scan;
    },
    close: async () => {
      await application.close();
      await readers.close();
    },
  };
}

/** The days of a laboratory begin here. */
export const firstDay = 1_780_000_000;

export const day = 86_400;

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** The report as nmap writes it. */
export function nmapXml({
  targets = '10.0.0.0/28',
  protocol = 'tcp',
  ports = '1-1000',
  hosts,
  at,
  exit,
}: Report): string {
  const scanned = protocol === 'udp' ? `-sU -p ${ports}` : `-p ${ports}`;
  return [
    '<?xml version="1.0"?>',
    `<nmaprun scanner="nmap" args="nmap ${scanned} -oX - ${targets}" start="${at - 60}" version="7.93" xmloutputversion="1.05">`,
    `<scaninfo type="syn" protocol="${protocol}" numservices="9" services="${ports}"/>`,
    ...hosts.map((host) => hostXml(host, protocol)),
    `<runstats><finished time="${at}" exit="${exit ?? 'success'}"/><hosts up="1" down="1" total="2"/></runstats>`,
    '</nmaprun>',
  ].join('\n');
}

function hostXml({ address, names = [], ports }: ReportedHost, protocol: string): string {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const hostnames = names.map((name) => `<hostname name="${name}" type="PTR"/>`).join('');
  const listed = Object.entries(ports).map(([port, said]) => portXml(port, said, protocol));
  return [
    `<host><status state="up" reason="syn-ack" reason_ttl="0"/><address addr="${address}" addrtype="${family}"/>`,
    `<hostnames>${hostnames}</hostnames><ports><extraports state="closed" count="1"/>${listed.join('')}</ports></host>`,
  ].join('');
}

function portXml(port: string, said: string, protocol: string): string {
  const isState = ['open', 'closed', 'filtered', 'open|filtered'].includes(said);
  const service = isState ? '' : `<service name="svc" product="${said}" method="probed" conf="10"/>`;
  const state = isState ? said : 'open';
  return `<port protocol="${protocol}" portid="${port}"><state state="${state}" reason="x" reason_ttl="0"/>${service}</port>`;
}

/** All items of a list, read in pages of this size, forward or backward; the order is that of the list. */
export async function walk<T, Filter>(
  listing: { page(filter: Filter, request: PageRequest): Promise<Page<T>> },
  filter: Filter,
  { limit, backward }: { limit: number; backward: boolean },
): Promise<{ cursor: string; node: T }[]> {
  const all: { cursor: string; node: T }[] = [];
  for (let cursor: string | undefined; ; ) {
    const from = cursor === undefined ? {} : backward ? { before: cursor } : { after: cursor };
    const { items, hasNext, hasPrevious } = await listing.page(filter, { limit, backward, ...from });
    if (backward) all.unshift(...items);
    else all.push(...items);
    cursor = (backward ? items.at(0) : items.at(-1))?.cursor;
    if (!(backward ? hasPrevious : hasNext)) return all;
    if (items.length !== limit) throw new Error(`a page of ${items.length} says that there are more`);
  }
}

/** A generator of random numbers with a seed (mulberry32), and choices made of them. */
export function chance(seed: number) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  const is = (share: number) => next() < share;
  const one = <T>(values: readonly T[]): T => values[below(values.length)] as T;
  const some = <T>(values: readonly T[], share: number): T[] => values.filter(() => is(share));
  /** Part of a filter, or nothing. */
  const maybe = <T>(share: number, value: () => T): T | undefined => (is(share) ? value() : undefined);
  return { below, is, one, some, maybe };
}

export type Chance = ReturnType<typeof chance>;

/** The seed of a test with random data: SEED of the environment, or a new one; printed, so that it can be repeated. */
export function seedOf(test: string): number {
  const seed = Number(process.env['SEED'] ?? Math.floor(Math.random() * 1e9));
  process.stdout.write(`${test}: SEED=${seed}\n`);
  return seed;
}

/** Leaves out what is undefined. */
export function given<T extends object>(filter: { [Key in keyof T]: T[Key] | undefined }): T {
  return Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined)) as T;
}

const addresses = [...Array.from({ length: 12 }, (_, i) => `10.0.0.${i + 1}`), '2001:db8::1', '2001:db8::2'];
const ports = [22, 80, 443, 445, 993];

/** Fills a database with the random histories of three scanners in two groups, one of them in a space of its own. */
export async function fillAtRandom(
  laboratory: ReturnType<typeof openLaboratory>,
  random: Chance,
): Promise<void> {
  const { application, take } = laboratory;
  const space = await application.addressSpaces.create({ name: 'site b' });
  const outside = await application.scannerGroups.create({ name: 'outside', addressSpaceId: 1 });
  const other = await application.scannerGroups.create({ name: 'b inside', addressSpaceId: space.id });
  for (const [index, groupId] of [1, 1, outside.id, other.id].entries()) {
    const thresholds = {
      closedAfterScans: 1 + random.below(2),
      goneAfterScans: 1 + random.below(2),
      openAfterScans: 1 + random.below(2),
    };
    const { id: scannerId } = await application.scanners.create({
      name: `scanner ${index}`,
      groupId,
      thresholds,
      guardShare: 1,
    });
    for (let scan = 0; scan < 5; scan += 1) await take(randomReport(scannerId, scan, random));
  }
}

function randomReport(scannerId: number, scan: number, random: Chance): Report {
  const isUdp = random.is(0.2);
  return {
    scannerId,
    targets: random.is(0.7) ? '10.0.0.0/28 2001:db8::/64' : '10.0.0.0/29',
    protocol: isUdp ? 'udp' : 'tcp',
    ports: isUdp ? '53,161' : random.is(0.8) ? '1-1000' : '22,80',
    at: firstDay + scan * day + random.below(1000),
    exit: random.is(0.9) ? 'success' : 'error',
    hosts: random.some(addresses, 0.7).map((address) => ({
      address,
      names: random.is(0.5) ? [`host-${address.replaceAll(/[.:]/g, '-')}.example`] : [],
      ports: Object.fromEntries(
        random
          .some(isUdp ? [53, 161] : ports, 0.5)
          .map((port) => [
            port,
            random.one(['open', 'nginx', 'OpenSSH 9', 'filtered', isUdp ? 'open|filtered' : 'open']),
          ]),
      ),
    })),
  };
}

/** A random filter of endpoints or, without ports and verdicts, of any list of hosts. */
export function randomPlaces(random: Chance) {
  return {
    addressSpaceIds: random.maybe(0.3, () => random.some([1, 2], 0.6)),
    networks: random.maybe(0.3, () =>
      random.some(['10.0.0.0/30', '10.0.0.5', '10.0.0.8-10.0.0.9', '2001:db8::/65'], 0.5),
    ),
    families: random.maybe(0.2, () => random.some([4, 6] as const, 0.6)),
    scannerIds: random.maybe(0.3, () => random.some([1, 2, 3, 4], 0.6)),
    scannerGroupIds: random.maybe(0.3, () => random.some([1, 2, 3], 0.6)),
  };
}

/** A random filter of endpoints. */
export function randomEndpointFilter(random: Chance): EndpointFilter {
  return given<EndpointFilter>({
    ...randomPlaces(random),
    name: random.maybe(0.2, () => random.one(['HOST-10-0-0', '-5.', 'nothing', '%'])),
    pending: random.maybe(0.2, () => random.is(0.5)),
    ports: random.maybe(0.4, () =>
      random.one([
        [{ first: 80, last: 80 }],
        [{ first: 22, last: 445 }],
        [{ first: 0x10000, last: 0x1ffff }],
      ]),
    ),
    verdicts: random.maybe(0.6, () => random.some(['open', 'not_open', 'unknown'] as const, 0.5)),
    service: random.maybe(0.2, () => random.one(['NGINX', 'ssh', '9', 'nothing'])),
  });
}
