import { spawnSync } from 'node:child_process';
import { onTestFinished } from 'vitest';
import { type Running, run, start } from '../support/program.ts';

/** Two network namespaces with a wire between them: a scanner's, and one with hosts to be scanned. */
export interface SmallNetwork {
  /** Runs a program where the scanner stands. */
  readonly scan: (program: string, args: readonly string[]) => Promise<string>;
  /** Makes hosts that answer on these addresses, and listen on these ports; those of before are gone. */
  readonly become: (hosts: Readonly<Record<string, readonly number[]>>) => Promise<void>;
  /** The interface of the scanner, its address, and the hardware address at the other end of the wire. */
  readonly wire: string;
  readonly address: string;
  readonly gatewayMac: string;
}

const address = '10.77.0.1';
const gatewayMac = '02:00:00:00:77:02';
const wire = 'wire0';

/** Why no network can be made here; empty where one can. */
export function whyNoNetwork(): string {
  const name = `drportscan-try-${process.pid}`;
  const steps = [
    ['netns', 'add', name],
    ['-n', name, 'link', 'add', wire, 'type', 'veth', 'peer', 'name', 'wire1'],
    ['netns', 'exec', name, 'true'],
  ];
  const isPossible = steps.every((args) => spawnSync('ip', args).status === 0);
  spawnSync('ip', ['netns', 'del', name]);
  return isPossible ? '' : 'needs network namespaces (ip netns, veth, root), which cannot be made here';
}

/** Makes the network, which goes with the test. */
export async function makeSmallNetwork(): Promise<SmallNetwork> {
  const [ours, theirs] = [`drportscan-scanner-${process.pid}`, `drportscan-hosts-${process.pid}`];
  const ip = async (...args: readonly string[]) => succeeded('ip', args);
  onTestFinished(async () => {
    for (const name of [ours, theirs]) await run('ip', ['netns', 'del', name]);
  });
  for (const name of [ours, theirs]) await ip('netns', 'add', name);
  await ip('-n', ours, 'link', 'add', wire, 'type', 'veth', 'peer', 'name', wire, 'netns', theirs);
  await ip('-n', theirs, 'link', 'set', wire, 'address', gatewayMac, 'up');
  await ip('-n', ours, 'address', 'add', `${address}/24`, 'dev', wire);
  for (const link of ['lo', wire]) await ip('-n', ours, 'link', 'set', link, 'up');

  let listening: Running | undefined;
  return {
    wire,
    address,
    gatewayMac,
    scan: (program, args) => succeeded('ip', ['netns', 'exec', ours, program, ...args]),
    async become(hosts) {
      await listening?.stop('SIGKILL');
      await ip('-n', theirs, 'address', 'flush', 'dev', wire);
      for (const host of Object.keys(hosts))
        await ip('-n', theirs, 'address', 'add', `${host}/24`, 'dev', wire);
      const places = Object.entries(hosts).flatMap(([host, ports]) => ports.map((port) => ({ host, port })));
      listening = start('ip', [
        'netns',
        'exec',
        theirs,
        process.execPath,
        '-e',
        listener,
        JSON.stringify(places),
      ]);
      await listening.prints(/ready/);
    },
  };
}

/**
 * Listens on the places in its argument, and says when it does. It chatters besides: masscan 1.3 notices that it is
 * done only when another packet comes.
 */
const listener = `
  const chatter = require('node:dgram').createSocket('udp4').on('error', () => undefined);
  setInterval(() => chatter.send('.', 9, '${address}', () => undefined), 100);
  const places = JSON.parse(process.argv[1]);
  const servers = places.map((place) => require('node:net').createServer((socket) => socket.destroy()).listen(place));
  Promise.all(servers.map((server) => require('node:events').once(server, 'listening'))).then(() => console.log('ready'));
`;

/** What a program printed. Throws where it fails. */
async function succeeded(program: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(program, args);
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}: ${stderr}`);
  return stdout;
}
