import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApplication } from '../../src/pipeline/application.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import { openReportUploads } from '../../src/pipeline/report-uploads.ts';
import { type RunningServer, startServer } from '../../src/server/http.ts';
import { createLog } from '../../src/server/log.ts';
import { eachDatabase } from '../support/databases.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const midnight = Date.UTC(2026, 5, 1);
const hourMs = 3_600_000;
const up = Array.from({ length: 24 }, (_, index) => `10.9.0.${index + 1}`);

/** What nmap says at an hour of the day about hosts that answer, and nothing about the others. */
function report(hour: number, hosts: readonly { address: string; ports: readonly number[] }[]): string {
  const at = Math.floor((midnight + hour * hourMs) / 1000);
  const port = (number: number) =>
    `<port protocol="tcp" portid="${number}"><state state="open" reason="syn-ack"/></port>`;
  return [
    '<?xml version="1.0"?>',
    `<nmaprun scanner="nmap" args="nmap -n -p 1-1000 -oX - 10.9.0.0/27" start="${at - 60}" version="7.95" xmloutputversion="1.05">`,
    '<scaninfo type="syn" protocol="tcp" numservices="1000" services="1-1000"/>',
    ...hosts.map(
      ({ address, ports }) =>
        `<host><status state="up" reason="echo-reply"/><address addr="${address}" addrtype="ipv4"/><ports><extraports state="closed" count="998"/>${ports.map(port).join('')}</ports></host>`,
    ),
    `<runstats><finished time="${at}" exit="success"/><hosts up="${hosts.length}" down="${32 - hosts.length}" total="32"/></runstats></nmaprun>`,
  ].join('\n');
}

const everything = up.map((address) => ({ address, ports: [22, 80] }));

eachDatabase((place) => {
  describe('a scanner that goes blind', () => {
    let server: RunningServer;
    let close: () => Promise<void>;

    beforeAll(async () => {
      const readers = openReaders();
      const now = () => midnight + 24 * hourMs;
      const uploads = openReportUploads(place.database(), { readers, spool: temporaryDirectory(), now });
      const application = openApplication(place.database(), { uploads, now });
      const log = createLog({ write: () => undefined });
      server = await startServer(application, { port: 0, spoolDirectory: temporaryDirectory(), log });
      close = async () => {
        await server.close();
        await application.close();
        await readers.close();
      };
    });
    afterAll(() => close());

    async function ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
      const response = await fetch(`${server.url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ query, variables }),
      });
      const { data, errors } = (await response.json()) as {
        data: T;
        errors?: readonly { message: string }[];
      };
      expect(errors).toBeUndefined();
      return data;
    }

    async function upload(text: string): Promise<{ id: string; status: string; heldReason: string | null }> {
      const query = `mutation ($file: File!) {
        uploadScan(input: { scanner: { name: "inside" }, file: $file }) {
          ... on UploadScanPayload { scan { id status receipt { heldReason } } }
        }
      }`;
      const form = new FormData();
      form.set('operations', JSON.stringify({ query, variables: { file: null } }));
      form.set('map', JSON.stringify({ 0: ['variables.file'] }));
      form.set('0', new Blob([text]), 'scan.xml');
      const headers = { 'graphql-require-preflight': '1' };
      const response = await fetch(`${server.url}/graphql`, { method: 'POST', headers, body: form });
      const answer = (await response.json()) as {
        data: {
          uploadScan: { scan: { id: string; status: string; receipt: { heldReason: string | null } } };
        };
      };
      const { id, status, receipt } = answer.data.uploadScan.scan;
      return { id, status, heldReason: receipt.heldReason };
    }

    /** Everything that anybody is told: entries of the log that are not first observations. */
    async function told(): Promise<string[]> {
      const { changes } = await ask<{
        changes: {
          nodes: { kind: string; address: string; port: number | null; at: string; reason: string | null }[];
        };
      }>('{ changes(first: 100, filter: { baseline: false }) { nodes { kind address port at reason } } }');
      return changes.nodes
        .map(({ kind, address, port, reason }) =>
          [kind, address, port, reason].filter((part) => part !== null).join(' '),
        )
        .sort();
    }

    test('tells nobody anything false: its scan is held, discarded, and a good one comes late', async () => {
      await ask(
        `mutation { createScanner(input: { name: "inside", group: { name: "default" } }) { __typename } }`,
      );
      const first = await upload(report(1, everything));
      expect(first.status).toBe('APPLIED');

      const blind = await upload(report(3, everything.slice(0, 2)));
      expect(blind.status).toBe('HELD');
      expect(blind.heldReason).toMatch(/22 of 24 hosts/);
      expect(await told()).toEqual([]);
      const open = `{ endpoints(filter: { ports: "80", verdicts: [OPEN] }) { totalCount } }`;
      expect(await ask(open)).toEqual({ endpoints: { totalCount: 24 } });

      const { discardScan } = await ask<{ discardScan: { decision: unknown } }>(
        `mutation ($id: ID!) {
          discardScan(id: $id) { ... on DiscardScanPayload { decision { scan { status } retractions } } }
        }`,
        { id: blind.id },
      );
      expect(discardScan).toEqual({ decision: { scan: { status: 'DISCARDED' }, retractions: 0 } });

      const [gone = '', ...others] = up;
      const seen = others.map((address, index) => ({
        address,
        ports: index === 0 ? [22, 80, 443] : [22, 80],
      }));
      const good = await upload(report(2, seen));
      expect(good.status).toBe('APPLIED');
      expect(await told()).toEqual([`HOST_GONE ${gone}`, `PORT_OPENED ${others[0]} 443`]);

      const last = await upload(report(5, seen));
      expect(last.status).toBe('APPLIED');
      expect(await told()).toHaveLength(2);
    });

    test('leaves a history in which every answer can be looked up', async () => {
      const at = (hour: number) => new Date(midnight + hour * hourMs).toISOString();
      const count = `query ($asOf: DateTime) { hosts(filter: { statuses: [UP] }, asOf: $asOf) { totalCount } }`;
      expect(await ask(count, { asOf: at(1) })).toEqual({ hosts: { totalCount: 24 } });
      expect(await ask(count, { asOf: at(2) })).toEqual({ hosts: { totalCount: 23 } });
      const { compareStates } = await ask<{ compareStates: { nodes: unknown[] } }>(
        `query ($from: DateTime!, $to: DateTime!) {
          compareStates(from: $from, to: $to) { nodes { fact address port before { state } after { state } } }
        }`,
        { from: at(1), to: at(5) },
      );
      expect(compareStates.nodes).toEqual([
        { fact: 'HOST', address: '10.9.0.1', port: null, before: { state: 'UP' }, after: { state: 'GONE' } },
        {
          fact: 'PORT',
          address: '10.9.0.2',
          port: 443,
          before: { state: 'NOT_OPEN' },
          after: { state: 'OPEN' },
        },
      ]);
      const { host } = await ask<{ host: { history: unknown[] } }>(
        `{ host(address: "10.9.0.1") { history { looks entries { kind port baseline at } gaps { from to } } } }`,
      );
      expect(host.history).toEqual([
        {
          looks: 3,
          entries: [
            { kind: 'HOST_NEW', port: null, baseline: true, at: at(1) },
            { kind: 'PORT_OPENED', port: 22, baseline: true, at: at(1) },
            { kind: 'PORT_OPENED', port: 80, baseline: true, at: at(1) },
            { kind: 'HOST_GONE', port: null, baseline: false, at: at(2) },
          ],
          gaps: [{ from: at(5), to: null }],
        },
      ]);
      const { openOverTime } = await ask<{ openOverTime: unknown[] }>(
        `query ($from: DateTime!, $to: DateTime!) {
          openOverTime(ports: "80,443", from: $from, to: $to, period: DAY, prefixV4: 28) { network addresses atEnd }
        }`,
        { from: at(1), to: at(5) },
      );
      expect(openOverTime).toEqual([
        { network: '10.9.0.0/28', addresses: 15, atEnd: 14 },
        { network: '10.9.0.16/28', addresses: 9, atEnd: 9 },
      ]);
    });

    test('can have its old history pruned, and the network stays what it is', async () => {
      const before = new Date(midnight + 4 * hourMs).toISOString();
      const prune = `mutation ($before: DateTime!, $dryRun: Boolean!) {
        prune(input: { before: $before }, dryRun: $dryRun) {
          ... on PrunePayload { counts { hosts runs scans } }
          ... on Error { message }
        }
      }`;
      const state = `{ hosts(first: 100) { nodes { address names views { status since { at } } } } }`;
      const known = await ask(state);
      const planned = await ask(prune, { before, dryRun: true });
      expect(planned).toMatchObject({ prune: { counts: { hosts: 24 } } });
      expect(await ask(prune, { before, dryRun: false })).toEqual(planned);
      expect(await ask(state)).toEqual(known);
    });
  });
});
