import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openApplication } from '../../src/pipeline/application.ts';
import { openReaders } from '../../src/pipeline/readers.ts';
import { openReportUploads } from '../../src/pipeline/report-uploads.ts';
import { type RunningServer, startServer } from '../../src/server/http.ts';
import { createLog } from '../../src/server/log.ts';
import { overServerSentEvents, overWebSocket } from '../graphql/subscribe.ts';
import { ask as askServer } from '../server/ask.ts';
import { eachDatabase } from '../support/databases.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until } from '../support/until.ts';

const start = Date.UTC(2026, 5, 1);
const hourMs = 3_600_000;

/** What nmap says at an hour of the story about the hosts of 10.9.0.0/29 that answer. */
function report(hour: number, hosts: Readonly<Record<string, readonly number[]>>): string {
  const at = (start + hour * hourMs) / 1000;
  const port = (number: number) =>
    `<port protocol="tcp" portid="${number}"><state state="open" reason="syn-ack"/></port>`;
  const host = ([address, ports]: readonly [string, readonly number[]]) =>
    `<host><status state="up" reason="echo-reply"/><address addr="${address}" addrtype="ipv4"/><ports>
     <extraports state="closed" count="${10_000 - ports.length}"/>${ports.map(port).join('')}</ports></host>`;
  return `<?xml version="1.0"?>
    <nmaprun scanner="nmap" args="nmap -n -p 1-10000 -oX - 10.9.0.0/29" start="${at - 60}" version="7.95">
    <scaninfo type="syn" protocol="tcp" numservices="10000" services="1-10000"/>
    ${Object.entries(hosts).map(host).join('')}<runstats><finished time="${at}" exit="success"/></runstats></nmaprun>`;
}

interface Event {
  readonly __typename: string;
  readonly cursor: string;
  readonly kind: string;
  readonly cause: string;
  readonly item: { readonly id: string; readonly address: string; readonly port: number } | null;
  readonly source: { readonly name: string } | null;
  readonly revision: number | null;
  readonly counts: { readonly opened: number; readonly resolved: number } | null;
}

const driftOf = `subscription ($filter: DriftEventFilter, $after: String) {
  drift(filter: $filter, after: $after) {
    __typename
    ... on DriftEvent { cursor kind cause item { id address port } source { name } revision counts { opened resolved } }
    ... on Error { message }
  }
}`;

const importsOf = `subscription ($after: String) { targetImports(after: $after) {
  __typename
  ... on DriftEvent { cursor kind cause source { name } revision counts { opened resolved } }
  ... on Error { message }
} }`;

/** Before the first event of every log: who subscribes behind it misses nothing, however late it begins. */
const beginning = '0';

const importTarget = `mutation ($input: ImportTargetInput!) {
  importTarget(input: $input) {
    __typename
    ... on TargetImport { outcome revision { number } plan { counts { created updated deleted unchanged } } }
    ... on Error { message }
    ... on TargetRefused { code brakes { kind } rows { line reason } }
  }
}`;

eachDatabase((place) => {
  describe('a CMDB, a scanner, a portal and an alerting client', () => {
    let server: RunningServer;
    let close: () => Promise<void>;
    let now = start;

    beforeAll(async () => {
      const readers = openReaders();
      const clock = () => now;
      const uploads = openReportUploads(place.database(), {
        readers,
        spool: temporaryDirectory(),
        now: clock,
      });
      const application = openApplication(place.database(), { uploads, now: clock });
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
      const { data, errors } = await askServer(server.url, query, variables);
      expect(errors).toBeUndefined();
      return data as T;
    }

    async function push(input: Record<string, unknown>): Promise<unknown> {
      const answer = await ask<{ importTarget: unknown }>(importTarget, {
        input: { source: { name: 'cmdb' }, ...input },
      });
      return answer.importTarget;
    }

    async function scan(hour: number, hosts: Readonly<Record<string, readonly number[]>>): Promise<void> {
      now = start + hour * hourMs + 60_000;
      const response = await fetch(`${server.url}/scans?scanner=outside-1`, {
        method: 'POST',
        headers: { 'content-type': 'application/octet-stream' },
        body: report(hour, hosts),
      });
      expect(response.status).toBe(201);
    }

    const subscribeAll = () => {
      const alerting = overWebSocket<Event>(server.url, driftOf, {
        filter: { causes: ['OBSERVATION'] },
        after: beginning,
      });
      const portal = overWebSocket<Event>(server.url, driftOf, { after: beginning });
      const imports = overServerSentEvents<Event>(server.url, importsOf, { after: beginning });
      return { alerting, portal, imports };
    };

    const items = `query ($filter: DriftFilter, $asOf: DateTime) {
      driftItems(filter: $filter, asOf: $asOf) {
        totalCount
        nodes {
          kind side state address port protocol view { name } owner openedBy resolvedBy episode
          statement { externalId source { name } } scan { at } endpoint { verdict } host { address }
        }
      }
    }`;

    const shop = { selector: '10.9.0.1', ports: '443', owner: 'webops' };

    test('are told what concerns them, and nobody is paged for a correction of the CMDB', async () => {
      await ask(`mutation {
        createScannerGroup(input: { name: "outside" }) { __typename }
        createScanner(input: { name: "outside-1", group: { name: "outside" } }) { __typename }
        createTargetSource(input: { name: "cmdb" }) { __typename }
      }`);
      const { alerting, portal, imports } = subscribeAll();
      const snapshot = {
        mode: 'SNAPSHOT',
        expectedRevision: 0,
        idempotencyKey: 'night 1',
        inventory: {
          records: {
            statements: [
              { externalId: 'shop', ...shop },
              { externalId: 'telnet', selector: '10.9.0.0/24', ports: '23', expect: 'FORBIDDEN' },
            ],
          },
        },
      };
      expect(await push(snapshot)).toMatchObject({
        outcome: 'APPLIED',
        revision: { number: 1 },
        plan: { counts: { created: 2 } },
      });
      expect(await push(snapshot)).toMatchObject({ outcome: 'REPEATED', revision: { number: 1 } });
      expect(await push({ ...snapshot, idempotencyKey: 'night 2', expectedRevision: 1 })).toMatchObject({
        outcome: 'NO_CHANGES',
        revision: null,
      });
      await until('the import is told', () => imports.events.length > 0);
      expect(imports.events).toMatchObject([
        { kind: 'IMPORTED', source: { name: 'cmdb' }, revision: 1, counts: { opened: 0, resolved: 0 } },
      ]);

      await scan(1, { '10.9.0.1': [443, 8080] });
      await until('alerting is told', () => alerting.events.length > 0);
      expect(alerting.events).toMatchObject([
        { kind: 'OPENED', cause: 'OBSERVATION', item: { address: '10.9.0.1', port: 8080 } },
      ]);
      expect(await ask(items)).toEqual({
        driftItems: {
          totalCount: 1,
          nodes: [
            {
              kind: 'PORT_UNEXPECTED',
              side: 'EXCESS',
              state: 'OPEN',
              address: '10.9.0.1',
              port: 8080,
              protocol: 'TCP',
              view: { name: 'outside' },
              owner: null,
              openedBy: 'OBSERVATION',
              resolvedBy: null,
              episode: 1,
              statement: null,
              scan: { at: new Date(start + hourMs).toISOString() },
              endpoint: { verdict: 'OPEN' },
              host: { address: '10.9.0.1' },
            },
          ],
        },
      });

      now += hourMs / 2;
      const fix = { externalId: 'admin', selector: '10.9.0.1', ports: '8080', expect: 'ALLOWED' };
      const patch = { mode: 'PATCH', inventory: { records: { statements: [fix] } } };
      expect(await push(patch)).toMatchObject({ outcome: 'APPLIED', revision: { number: 2 } });
      await until('the portal is told', () => portal.events.some(({ revision }) => revision === 2));
      expect(portal.events.filter(({ revision }) => revision === 2)).toMatchObject([
        { kind: 'RESOLVED', cause: 'TARGET_CHANGE', item: { port: 8080 }, source: { name: 'cmdb' } },
        { kind: 'IMPORTED', cause: 'TARGET_CHANGE', item: null, counts: { opened: 0, resolved: 1 } },
      ]);
      expect(await ask(items)).toMatchObject({ driftItems: { totalCount: 0 } });
      expect(await ask(items, { filter: { states: ['RESOLVED'] } })).toMatchObject({
        driftItems: { nodes: [{ port: 8080, resolvedBy: 'TARGET_CHANGE' }] },
      });

      // Two scans later something else is wrong. What alerting hears shows that it heard nothing in between.
      await scan(2, { '10.9.0.1': [443, 8080] });
      await scan(3, { '10.9.0.1': [8080], '10.9.0.2': [23] });
      await until('alerting is told again', () => alerting.events.length >= 4);
      expect(alerting.events.slice(1).map(({ kind, item }) => [kind, item?.address, item?.port])).toEqual([
        ['OPENED', '10.9.0.1', 443],
        ['OPENED', '10.9.0.2', null],
        ['OPENED', '10.9.0.2', 23],
      ]);
      expect(alerting.events.every(({ cause }) => cause === 'OBSERVATION')).toBe(true);
      expect([...alerting.errors, ...portal.errors, ...imports.errors]).toEqual([]);
    });

    test('find the same when they look at it later: as of then, and behind a cursor', async () => {
      const asOf = (hour: number) => new Date(start + hour * hourMs).toISOString();
      const ports = async (hour: number) => {
        const { driftItems } = await ask<{ driftItems: { nodes: readonly { port: number | null }[] } }>(
          items,
          { asOf: asOf(hour) },
        );
        return driftItems.nodes.map(({ port }) => port);
      };
      expect(await ports(0.5)).toEqual([]);
      expect(await ports(1.25)).toEqual([8080]);
      expect(await ports(2.5)).toEqual([]);
      expect(await ports(4)).toEqual([443, null, 23]);

      const { driftEvents } = await ask<{ driftEvents: { nodes: Event[]; edges: { cursor: string }[] } }>(
        '{ driftEvents(first: 100) { nodes { cursor kind item { id } } edges { cursor } } }',
      );
      const told = driftEvents.nodes.toReversed();
      expect(driftEvents.edges.map(({ cursor }) => cursor)).toEqual(
        driftEvents.nodes.map(({ cursor }) => cursor),
      );
      const resumed = overWebSocket<Event>(server.url, driftOf, { after: told[0]?.cursor });
      await until('everything behind the cursor is told', () => resumed.events.length >= told.length - 1);
      expect(resumed.events.map(({ cursor }) => cursor)).toEqual(told.slice(1).map(({ cursor }) => cursor));
    });

    test('agree with a full recomputation, and with the coverage of what was declared', async () => {
      expect(
        await ask(`{
          verifyDrift { open differences { address } }
          coverage { key declared verified neverScanned }
          driftSummary(groupBy: KIND) { key open hosts }
          complianceOf(address: "10.9.0.1") { view { name } verdict compliant items { kind port } }
        }`),
      ).toEqual({
        verifyDrift: { open: 3, differences: [] },
        coverage: expect.arrayContaining([expect.objectContaining({ key: 'outside', neverScanned: 0 })]),
        driftSummary: expect.arrayContaining([
          { key: 'port_missing', open: 1, hosts: 1 },
          { key: 'port_forbidden', open: 1, hosts: 1 },
          { key: 'host_unexpected', open: 1, hosts: 1 },
        ]),
        complianceOf: expect.arrayContaining([
          expect.objectContaining({
            view: { name: 'outside' },
            verdict: 'DRIFT',
            items: [{ kind: 'PORT_MISSING', port: 443 }],
          }),
        ]),
      });
    });

    test('are refused what could do harm, with the reason', async () => {
      const empty = { mode: 'SNAPSHOT', expectedRevision: 2, inventory: { records: {} } };
      expect(await push(empty)).toMatchObject({ __typename: 'TargetRefused' });
      const stale = {
        mode: 'SNAPSHOT',
        expectedRevision: 1,
        inventory: { records: { statements: [{ externalId: 'shop', ...shop }] } },
      };
      expect(await push(stale)).toMatchObject({ __typename: 'TargetRefused', code: 'REVISION_MISMATCH' });
      const unreadable = {
        mode: 'SNAPSHOT',
        expectedRevision: 2,
        inventory: { text: 'selector,ports,expect\n10.9.0.1,70000,required\n' },
      };
      expect(await push(unreadable)).toMatchObject({
        __typename: 'TargetRefused',
        code: 'UNREADABLE_ROWS',
        rows: [{ line: 2, reason: expect.stringContaining('70000') }],
      });
    });
  });
});
