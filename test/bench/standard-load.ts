import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { type Chance, chanceOf } from './chance.ts';
import { type HostTraits, portList, ports, writeService } from './standard-products.ts';

/** One report of the standard load. */
export interface Load {
  readonly path: string;
  /** Hosts from 10.20.0.0 on; 65,536 are "the /16". */
  readonly hosts: number;
  /** Which scan of the same network: everything that is volatile differs from round to round. */
  readonly round: number;
  /** Hosts in 10,000 that differ from the first round. */
  readonly changed: number;
}

/** What was written. */
export interface WrittenLoad extends Load {
  readonly bytes: number;
  readonly openPorts: number;
}

/** Writes a report as `nmap -sS -sV -sC -F -oX` does. Equal loads are equal bytes. */
export async function writeLoad(load: Load): Promise<WrittenLoad> {
  const file = createWriteStream(load.path);
  const start = startOf(load);
  let [bytes, openPorts] = [0, 0];
  const write = async (text: string) => {
    bytes += text.length; // All of it is ASCII.
    if (!file.write(text)) await once(file, 'drain');
  };
  await write(beginning(load, start));
  for (let first = 0; first < load.hosts; first += 64) {
    let text = '';
    for (let index = first; index < Math.min(first + 64, load.hosts); index += 1) {
      const host = hostRecord(index, load, start);
      text += host.text;
      openPorts += host.openPorts;
    }
    await write(text);
  }
  await write(ending(load, start));
  file.end();
  await finished(file);
  return { ...load, bytes, openPorts };
}

/** Seconds since 1970; one scan a day. */
function startOf({ round }: Load): number {
  return 1_760_000_000 + round * 86_400;
}

/** Seconds that a scan of these hosts takes, as far as its times tell. */
function durationOf({ hosts }: Load): number {
  return 60 + Math.floor(hosts / 8);
}

function beginning({ hosts }: Load, start: number): string {
  const targets = hosts === 65_536 ? '10.20.0.0/16' : `10.20.0-${(hosts >> 8) - 1}.0-255`;
  const rest = hosts % 256 === 0 ? '' : ` 10.20.${hosts >> 8}.0-${(hosts % 256) - 1}`;
  const args = `nmap -sS -sV -sC -F -oX scan.xml ${targets}${rest}`;
  const when = new Date(start * 1000).toUTCString();
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<!DOCTYPE nmaprun>\n' +
    '<?xml-stylesheet href="file:///usr/bin/../share/nmap/nmap.xsl" type="text/xsl"?>\n' +
    `<!-- Nmap 7.94SVN scan initiated ${when} as: ${args} -->\n` +
    `<nmaprun scanner="nmap" args="${args}" start="${start}" startstr="${when}" version="7.94SVN" xmloutputversion="1.05">\n` +
    `<scaninfo type="syn" protocol="tcp" numservices="100" services="${portList}"/>\n` +
    '<verbose level="0"/>\n<debugging level="0"/>\n'
  );
}

function ending(load: Load, start: number): string {
  const end = start + durationOf(load);
  const when = new Date(end * 1000).toUTCString();
  return (
    `<runstats><finished time="${end}" timestr="${when}" summary="Nmap done at ${when}; ${load.hosts} IP addresses ` +
    `(${load.hosts} hosts up) scanned in ${durationOf(load)}.00 seconds" elapsed="${durationOf(load)}.00" ` +
    `exit="success"/><hosts up="${load.hosts}" down="0" total="${load.hosts}"/>\n</runstats>\n</nmaprun>\n`
  );
}

function hostRecord(index: number, load: Load, start: number): { text: string; openPorts: number } {
  const isChanged = load.round > 0 && isChosen(index, load.changed);
  const chance = chanceOf(index);
  const volatile = chanceOf(index ^ ((load.round + 1) << 20));
  const address = `10.20.${index >> 8}.${index & 255}`;
  const name = `host-${index >> 8}-${index & 255}.example.net`;
  const open = openPortsOf(chance, isChanged);
  const hopTtl = 50 + Math.floor(chance() * 14);
  const startedAt = start + Math.floor((index / load.hosts) * durationOf(load));
  let text =
    `<host starttime="${startedAt}" endtime="${startedAt + 40 + Math.floor(volatile() * 90)}">` +
    `<status state="up" reason="echo-reply" reason_ttl="${hopTtl}"/>\n` +
    `<address addr="${address}" addrtype="ipv4"/>\n` +
    `<hostnames>\n<hostname name="${name}" type="PTR"/>\n</hostnames>\n<ports>${extraPorts(open)}`;
  for (const port of open) {
    const host: HostTraits = { chance: chanceOf((index << 10) ^ port), name, revision: isChanged ? 1 : 0 };
    text +=
      `<port protocol="tcp" portid="${port}"><state state="open" reason="syn-ack" reason_ttl="${hopTtl}"/>` +
      `${writeService(port, host)}</port>\n`;
  }
  return { text: `${text}</ports>\n${volatileParts(volatile)}</host>\n`, openPorts: open.length };
}

/** Which hosts change is spread over the whole network. */
function isChosen(index: number, in10000: number): boolean {
  return Math.imul(index + 1, 0x9e3779b1) >>> 0 < (in10000 / 10_000) * 2 ** 32;
}

/** 4 to 25 open ports; a host that has changed lost one of them and has another instead. */
function openPortsOf(chance: Chance, isChanged: boolean): number[] {
  const count = 4 + Math.floor(chance() * 22);
  const open = new Set<number>();
  // The square makes some ports frequent and others rare.
  while (open.size < count) open.add(ordered[Math.floor(chance() ** 2 * ordered.length)] as number);
  if (isChanged) {
    const [first] = open;
    open.delete(first as number);
    open.add(ports.find((port) => !open.has(port) && port !== first) as number);
  }
  return [...open].sort((a, b) => a - b);
}

const common = [
  80, 443, 22, 445, 8080, 25, 3389, 21, 53, 135, 139, 8443, 3306, 111, 110, 143, 993, 995, 5432, 8000, 631,
];

/** All ports, the common ones first. */
const ordered = [...common, ...ports.filter((port) => !common.includes(port))];

function extraPorts(open: readonly number[]): string {
  const taken = new Set(open);
  const closed = ports.filter((port) => !taken.has(port));
  const count = closed.length;
  return (
    `<extraports state="closed" count="${count}">\n` +
    `<extrareasons reason="reset" count="${count}" proto="tcp" ports="${asList(closed)}"/>\n</extraports>\n`
  );
}

/** Ports as nmap writes them: `21-23,25`. */
function asList(sorted: readonly number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < sorted.length; i += 1) {
    const first = sorted[i] as number;
    while (sorted[i + 1] === (sorted[i] as number) + 1) i += 1;
    parts.push(first === sorted[i] ? `${first}` : `${first}-${sorted[i]}`);
  }
  return parts.join(',');
}

/** What differs from scan to scan and says nothing of what is open. */
function volatileParts(chance: Chance): string {
  const number = (below: number) => Math.floor(chance() * below);
  const values = Array.from({ length: 6 }, () =>
    number(2 ** 32)
      .toString(16)
      .toUpperCase(),
  ).join(',');
  return (
    `<uptime seconds="${number(9_000_000)}" lastboot="Thu Oct  9 08:53:20 2025"/>\n<distance value="${1 + number(9)}"/>\n` +
    `<tcpsequence index="${number(264)}" difficulty="Good luck!" values="${values}"/>\n` +
    `<ipidsequence class="All zeros" values="0,0,0,0,0,0"/>\n<tcptssequence class="1000HZ" values="${values}"/>\n` +
    `<times srtt="${number(90_000)}" rttvar="${number(20_000)}" to="${100_000 + number(90_000)}"/>\n`
  );
}
