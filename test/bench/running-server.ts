import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream, readFileSync, statSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { fileURLToPath } from 'node:url';
import { ask, fieldOf } from '../server/ask.ts';
import type { LoopDelay } from './probe.ts';

/** The real program, `drportscan serve`, in a process of its own. */
export interface RunningServer {
  readonly url: string;
  /** Seconds from its start until its first page was served. */
  readonly startSeconds: number;
  /** Bytes of memory that it has now, and had at most since `forgetPeak`. */
  memory(): { readonly now: number; readonly peak: number };
  forgetPeak(): void;
  /** How late its event loop was since the last call. */
  loopDelay(): Promise<LoopDelay>;
  stop(): Promise<void>;
}

const program = fileURLToPath(new URL('../../src/main.js', import.meta.url));
const probe = new URL('./probe.js', import.meta.url).href;

/** Starts a server on a database (`postgres://…` or `pglite:DIRECTORY`) and waits for its first page. */
export async function startServer(databaseUrl: string): Promise<RunningServer> {
  const started = performance.now();
  const child = spawn(process.execPath, ['--import', probe, program, 'serve', '--port', '0'], {
    env: { ...process.env, DATABASE_URL: databaseUrl, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  });
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill);
  const url = await addressOf(child);
  await (await fetch(url)).text();
  const startSeconds = (performance.now() - started) / 1000;
  return {
    url,
    startSeconds,
    memory: () => ({ now: memoryOf(child, 'VmRSS'), peak: memoryOf(child, 'VmHWM') }),
    forgetPeak: () => writeFileSync(`/proc/${child.pid}/clear_refs`, '5'),
    loopDelay: async () => {
      child.send('delay');
      const [delay] = (await once(child, 'message')) as [LoopDelay];
      return delay;
    },
    stop: async () => {
      child.kill('SIGTERM');
      await once(child, 'exit');
      process.off('exit', kill);
    },
  };
}

async function addressOf(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const chunk of child.stdout ?? []) {
    said += String(chunk);
    const url = /listens on (http:\S+)/.exec(said)?.[1];
    if (url === undefined) continue;
    child.stdout?.resume();
    return url;
  }
  throw new Error(`the server ended without its address: ${said}`);
}

/** Linux says it in kB (proc(5)). */
function memoryOf(child: ChildProcess, field: 'VmRSS' | 'VmHWM'): number {
  const status = readFileSync(`/proc/${child.pid}/status`, 'utf8');
  return Number(new RegExp(`^${field}:\\s*(\\d+) kB`, 'm').exec(status)?.[1]) * 1024;
}

/** Adds a scanner where there is none of this name. */
export async function addScanner(url: string, name: string): Promise<void> {
  const groups = await ask(url, '{ scannerGroups(first: 1) { nodes { id } } }');
  const [group] = fieldOf<{ nodes: { id: string }[] }>(groups, 'scannerGroups').nodes;
  await ask(url, 'mutation ($input: CreateScannerInput!) { createScanner(input: $input) { __typename } }', {
    input: { name, group: { id: group?.id } },
  });
}

/** Sends a report, a file or a text, and waits until it is taken in. Throws where it is refused. */
export function sendReport(
  url: string,
  scanner: string,
  report: { path: string } | { text: string },
): Promise<void> {
  const length = 'path' in report ? statSync(report.path).size : Buffer.byteLength(report.text);
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/octet-stream', 'content-length': length };
    const sending = request(
      `${url}/scans?scanner=${scanner}`,
      { method: 'POST', headers },
      async (response) => {
        let answer = '';
        for await (const chunk of response) answer += String(chunk);
        if (response.statusCode === 201 || response.statusCode === 200) resolve();
        else reject(new Error(`${response.statusCode}: ${answer}`));
      },
    );
    sending.on('error', reject);
    if ('path' in report) createReadStream(report.path, { highWaterMark: 256 << 10 }).pipe(sending);
    else sending.end(report.text);
  });
}

/** A report of one host of the /16; `round` is its hour. */
export function oneHostReport(
  address: string,
  { round, open }: { round: number; open: readonly number[] },
): string {
  const end = 1_770_000_000 + round * 3600;
  const ports = open
    .map(
      (port) =>
        `<port protocol="tcp" portid="${port}"><state state="open" reason="syn-ack" reason_ttl="60"/></port>\n`,
    )
    .join('');
  return (
    `<?xml version="1.0"?>\n<!DOCTYPE nmaprun>\n<nmaprun scanner="nmap" args="nmap -sS -p 1-100 ${address}" ` +
    `start="${end - 5}" version="7.94" xmloutputversion="1.05">\n` +
    '<scaninfo type="syn" protocol="tcp" numservices="100" services="1-100"/>\n' +
    `<host starttime="${end - 5}" endtime="${end}"><status state="up" reason="echo-reply" reason_ttl="60"/>\n` +
    `<address addr="${address}" addrtype="ipv4"/>\n<hostnames>\n</hostnames>\n<ports>${ports}</ports>\n</host>\n` +
    `<runstats><finished time="${end}" timestr="" elapsed="5" exit="success"/><hosts up="1" down="0" total="1"/>\n` +
    '</runstats>\n</nmaprun>\n'
  );
}
