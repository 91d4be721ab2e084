import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../support/ports.ts';
import { run, runCli, startCli } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { untilNextSecond } from '../support/until.ts';

const address = '127.0.77.1';

async function listen(port: number): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.listen(port, address);
  await once(server, 'listening');
  return server;
}

async function stop(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}

requires('nmap')('real nmap against listeners of ours', () => {
  test('a port that opens and one that closes reach a terminal that follows, and the API', async () => {
    const [kept, closing, opening] = [await freePort(), await freePort(), await freePort()];
    const data = temporaryDirectory();
    const server = startCli(['serve', '--port', '0', '--data', data], { env: { DATABASE_URL: undefined } });
    const [, url = ''] = await server.prints(/listens on (http:\S+)/);
    const scanAndPush = async () => {
      const ports = [kept, closing, opening].join(',');
      const report = await run('nmap', ['-n', '-Pn', '-sT', '-oX', '-', '-p', ports, address]);
      expect(report.code, report.stderr).toBe(0);
      const pushed = await runCli(
        ['push', '-', '--server', url, '--scanner', 'loop-1', '--create', '--json'],
        {
          input: report.stdout,
        },
      );
      expect(pushed.code, pushed.stderr).toBe(0);
      return pushed.stdout;
    };

    const listeners = [await listen(kept), await listen(closing)] as const;
    expect(await scanAndPush()).toMatch(/"host_new":1/);
    await untilNextSecond();
    const follower = startCli(['changes', '--follow', '--no-baseline', '--server', url]);
    const query = async (port: number) => {
      const document = `query ($port: Port!) { endpoint(address: "${address}", port: $port) { verdict views { scanner { name } lastVerifiedAt } } }`;
      const answer = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query: document, variables: { port } }),
      });
      return (await answer.json()) as {
        data: { endpoint: { verdict: string; views: { scanner: { name: string } }[] } };
      };
    };
    expect((await query(closing)).data.endpoint.verdict).toBe('OPEN');

    await stop(listeners[1]);
    const opened = await listen(opening);
    await scanAndPush();

    await follower.prints(new RegExp(`\\+ ${address}:${opening}/tcp open`));
    await follower.prints(new RegExp(`- ${address}:${closing}/tcp closed`));
    expect((await query(closing)).data.endpoint.verdict).toBe('NOT_OPEN');
    expect((await query(opening)).data.endpoint.views[0]?.scanner.name).toBe('loop-1');
    expect(follower.stdout()).not.toContain(`${address}:${kept}`);

    expect((await follower.stop('SIGINT')).code).toBe(130);
    expect((await server.stop('SIGTERM')).code).toBe(0);
    await stop(listeners[0]);
    await stop(opened);
  });
});
