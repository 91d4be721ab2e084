import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { type Api, readPages } from './api.ts';
import { demoReports } from './demo-reports.ts';
import { Failure } from './failure.ts';
import { dataOption, withDatabaseApi } from './place-options.ts';
import { readReceipt, receiptLine } from './receipt.ts';
import { createGroup, createScanner, type Named } from './scanner-lookup.ts';
import { print } from './terminal.ts';

/** Adds `demo`: an example to look at. */
export function addDemo(program: Command): void {
  program
    .command('demo')
    .description('fill an empty database with an example: two views of five hosts over four days')
    .addOption(dataOption())
    .action((options: PlaceOptions) => withDatabaseApi(options, 'create', fill));
}

async function fill(api: Api): Promise<void> {
  await refuseIfFilled(api);
  const scanners = new Map<string, Named>();
  for (const { name, group, description } of demoScanners) {
    const view = await createGroup(api, { name: group, description });
    scanners.set(name, await createScanner(api, name, view, { expectEverySeconds: 2 * 86_400 }));
  }
  for (const { scanner: name, xml } of demoReports(Date.now())) {
    const scanner = scanners.get(name);
    if (scanner === undefined) throw new Failure(`The example has no scanner "${name}"`);
    const { scanIds } = await api.send({ scanner }, bytesOf(xml));
    for (const id of scanIds) await print(receiptLine(await readReceipt(api, id)));
  }
  await print(whatToLookAt(api.place));
}

const demoScanners = [
  { name: 'lan-1', group: 'inside', description: 'Behind the firewall' },
  { name: 'probe-1', group: 'outside', description: 'On the Internet' },
] as const;

async function refuseIfFilled(api: Api): Promise<void> {
  for await (const nodes of readPages<Named>(api, { document: anyScanner, field: 'scanners', limit: 1 })) {
    if (nodes.length === 0) return;
    throw new Failure(
      'This database is in use: it has scanners. The example needs an empty one; choose a new directory with --data',
    );
  }
}

const anyScanner = /* GraphQL */ `
  query ($first: Int, $after: String) {
    scanners(first: $first, after: $after) {
      nodes { id name }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

/** Commands that show what is in the example, with the place where it is. */
function whatToLookAt(place: string): string {
  return `
Five hosts, seen from inside and from outside over four days. What to look at:

  npx drportscan changes --no-baseline${place}
      what happened: a port opened, closed and opened again, a new host, a new version, a new name
  npx drportscan endpoints --port 3306${place}
      a database that could be reached from outside for a while
  npx drportscan hosts${place}
      who is there, for whom
  npx drportscan scans${place}
      which reports were taken in; one was broken off and closed nothing
  npx drportscan serve${place}
      the server; its page has GraphiQL to ask with
`;
}
