import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { Failure, TemporaryFailure } from '../../src/cli/failure.ts';
import { alone, spooledReports, spoolReport, withRetries } from '../../src/cli/relay.ts';
import { nmapReport } from '../pipeline/nmap-report.ts';
import { freePort } from '../support/ports.ts';
import { runCli, startCli } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Work that fails these times, and what was waited for. */
function failing(errors: readonly Error[]) {
  const waits: number[] = [];
  const left = [...errors];
  const work = async () => {
    const error = left.shift();
    if (error !== undefined) throw error;
    return 'done';
  };
  const pause = async (ms: number) => {
    waits.push(ms);
  };
  return { waits, run: () => withRetries(work, { pause }) };
}

test('what may pass is tried again after longer and longer pauses', async () => {
  const { waits, run } = failing([new TemporaryFailure('away'), new TemporaryFailure('busy')]);
  expect(await run()).toBe('done');
  expect(waits).toEqual([1000, 2000]);
});

test('what will not pass is not tried again, and neither is anything for ever', async () => {
  const refused = failing([new Failure('no')]);
  await expect(refused.run()).rejects.toThrow('no');
  expect(refused.waits).toEqual([]);
  const away = failing(Array.from({ length: 9 }, () => new TemporaryFailure('away')));
  await expect(away.run()).rejects.toThrow('away');
  expect(away.waits).toEqual([1000, 2000, 4000]);
});

test('a report waits once, in the order in which it came, until it is done', async () => {
  const directory = temporaryDirectory();
  const spool = (file: string, text: string) =>
    spoolReport(directory, { file, about: { scanner: 'a' }, bytes: chunks(text) });
  await spool('one.xml', 'one');
  await spool('two.xml', 'two');
  await spool('again.xml', 'one');
  const reports = await spooledReports(directory);
  expect(reports.map(({ file, about }) => [file, about])).toEqual([
    ['one.xml', { scanner: 'a' }],
    ['two.xml', { scanner: 'a' }],
  ]);
  await reports[0]?.done();
  await reports[1]?.refuse('no report');
  expect(await spooledReports(directory)).toEqual([]);
  expect(readdirSync(join(directory, 'failed'))).toHaveLength(2);
});

test('one process at a time sends what waits; the lock of a killed one does not count', async () => {
  const directory = temporaryDirectory();
  const nested = async () => expect(await alone(directory, async () => undefined)).toBe(false);
  expect(await alone(directory, nested)).toBe(true);
  writeFileSync(join(directory, 'drportscan.lock'), '99999999 1');
  expect(await alone(directory, async () => undefined)).toBe(true);
});

test('a report that finds no server waits in the spool, and reaches it with the next push, once', async () => {
  const [spool, data, port] = [temporaryDirectory(), temporaryDirectory(), await freePort()];
  const url = `http://127.0.0.1:${port}`;
  const push = (report: string) =>
    runCli(['push', '-', '--server', url, '--spool', spool, '--scanner', 'lan-1', '--create', '--json'], {
      input: report,
    });
  const first = nmapReport({ endedAt: '2026-03-01T00:00:00Z' });
  const away = await push(first);
  expect(away.code).toBe(2);
  expect(away.stderr).toMatch(/Trying again in 1 s[\s\S]*1 report\(s\) wait in/);

  const server = startCli(['serve', '--port', String(port), '--data', data], {
    env: { DATABASE_URL: undefined },
  });
  await server.prints(/listens on/);
  const sent = await push(nmapReport({ endedAt: '2026-03-02T00:00:00Z' }));
  expect(sent.code, sent.stderr).toBe(0);
  expect(
    sent.stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line).repeated),
  ).toEqual([false, false]);
  expect(await spooledReports(spool)).toEqual([]);

  const again = await push(first);
  expect(JSON.parse(again.stdout).repeated).toBe(true);
  const refused = await push('hello');
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/no scan report/);
  expect(readdirSync(join(spool, 'failed'))).toHaveLength(2);
  expect((await server.stop('SIGTERM')).code).toBe(0);
});

async function* chunks(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
