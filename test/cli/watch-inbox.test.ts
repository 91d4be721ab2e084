import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { nmapReport } from '../pipeline/nmap-report.ts';
import { runCli, startCli } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';

test.each(['watch-inbox', 'serve'])('%s refuses an inbox that is not there', async (command) => {
  const [missing, data] = [join(temporaryDirectory(), 'missing'), temporaryDirectory()];
  const inbox = command === 'serve' ? ['--port', '0', '--inbox', missing] : [missing];
  const refused = await runCli([command, ...inbox, '--data', data], { env: { DATABASE_URL: undefined } });
  expect(refused.code).toBe(2);
  expect(refused.stderr).toMatch(/no directory .*missing; make it with: mkdir -p /);
  expect(existsSync(missing)).toBe(false);
});

test.each([
  ['watch-inbox', (inbox: string, data: string) => ['watch-inbox', inbox, '--data', data], /nobody --data/],
  [
    'serve --inbox',
    (inbox: string, data: string) => ['serve', '--port', '0', '--data', data, '--inbox', inbox],
    /nobody --server http:/,
  ],
])('%s takes in what is put down, and says why it does not', async (_name, args, remedy) => {
  const [inbox, data] = [temporaryDirectory(), temporaryDirectory()];
  const env = { DATABASE_URL: undefined };
  const added = await runCli(['ingest', '-', '--scanner', 'lan-1', '--create', '--data', data], {
    input: nmapReport({ endedAt: '2026-03-01T00:00:00Z' }),
    env,
  });
  expect(added.code, added.stderr).toBe(0);
  for (const folder of ['lan-1', 'nobody']) mkdirSync(join(inbox, folder));
  const running = startCli(args(inbox, data), { env });
  await running.prints(/Watching|listens on/);

  const put = (name: string, text: string) => {
    writeFileSync(join(inbox, `${name}.part`), text);
    renameSync(join(inbox, `${name}.part`), join(inbox, name));
  };
  put('lan-1/two.xml', nmapReport({ endedAt: '2026-03-02T00:00:00Z' }));
  put('lan-1/bad.txt', 'hello');
  put('nobody/three.xml', nmapReport({ endedAt: '2026-03-03T00:00:00Z' }));
  await running.prints(/lan-1\/two\.xml: Scan \d+ by lan-1/);
  await running.prints(/lan-1\/bad\.txt: .*no scan report.*moved to failed/);
  const [told] = await running.prints(/nobody: There is no scanner "nobody".*it stays where it is/);
  expect(told).toMatch(remedy);
  expect(told).not.toContain('--create');
  await running.stop('SIGTERM');
});
