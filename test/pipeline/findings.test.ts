import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { liveEntries } from '../../src/core/live-entries.ts';
import { loggedFactsOf, replay } from '../../src/core/replay.ts';
import { decodeState } from '../../src/core/state.ts';
import { fetchHistories } from '../../src/store/host-reads.ts';
import { eachDatabase } from '../support/databases.ts';
import { day, firstDay, openLaboratory } from './laboratory.ts';

const page = { limit: 100, backward: false };

eachDatabase(({ database }) => {
  let laboratory: ReturnType<typeof openLaboratory>;
  beforeAll(() => {
    laboratory = openLaboratory(database());
  });
  afterAll(() => laboratory.close());

  const openPorts = (count: number) =>
    Object.fromEntries(Array.from({ length: count }, (_, index) => [index + 1, 'open']));

  async function eventKinds(): Promise<string[]> {
    const rows = await database().rows<{ kind: string }>(
      sql`select kind from scan_event order by sequence limit 100`,
    );
    return rows.map(({ kind }) => kind);
  }

  describe('a host that answers on every port', () => {
    test('is one finding: stored and logged port by port, announced once, also when it is taken back', async () => {
      const { application, take } = laboratory;
      const { id: scannerId } = await application.scanners.create({
        name: 'tarpit',
        groupId: 1,
        bogusPorts: 300,
      });
      const quiet = { address: '10.0.0.2', ports: { 22: 'open' } };
      await take({ scannerId, at: firstDay, hosts: [{ address: '10.0.0.1', ports: { 22: 'open' } }, quiet] });
      const bogus = { address: '10.0.0.1', ports: openPorts(500) };
      const scan = await take({
        scannerId,
        at: firstDay + day,
        hosts: [bogus, { ...quiet, ports: { 22: 'open', 80: 'open' } }],
      });
      expect(scan.receipt.findings).toEqual([{ kind: 'host', address: '10.0.0.1', ports: 499 }]);
      expect(scan.receipt.warnings).toContainEqual(
        expect.stringMatching(/^10\.0\.0\.1 has 499 new open ports/),
      );
      expect(await eventKinds()).toEqual(['scan_applied', 'scan_applied', 'bogus_responders']);

      const filter = { scanIds: [scan.id], baseline: false };
      expect(await application.changes.count(filter)).toBe(500);
      expect(await application.changes.count({ ...filter, collapsed: true })).toBe(499);
      const { items } = await application.changes.page({ ...filter, collapsed: false }, page);
      expect(items.map(({ node }) => [node.address, node.port, node.collapsed])).toEqual([
        ['10.0.0.2', 80, false],
      ]);
      const [health] = await application.decisions.healthOf(await application.scanners.all());
      expect(health).toMatchObject({ findings: scan.receipt.findings, overdue: false, heldScans: 0 });

      const owner = { addressSpaceId: 1, scannerId };
      const [history] = await fetchHistories(database(), owner, ['10.0.0.1']);
      const [stored] = await database().rows<{ state: string }>(
        sql`select state from host_state where address = '10.0.0.1' and scanner_id = ${scannerId}`,
      );
      const live = liveEntries(history?.entries ?? []).map(({ change }) => change);
      expect(replay(live)).toEqual(loggedFactsOf(decodeState(stored?.state ?? '')));

      await application.decisions.decideScan(scan.id, 'discard');
      expect(await application.changes.count({ retractions: true, collapsed: false })).toBe(1);
      await application.decisions.decideScan(scan.id, 'restore');
      const again = { ...filter, retractions: false, collapsed: false, asOf: Date.now() };
      expect(await application.changes.count(again)).toBe(1);
    });
  });

  describe('one port that opens on a whole network', () => {
    test('is one finding; other news of the same hosts is not part of it', async () => {
      const { application, take } = laboratory;
      const { id: scannerId } = await application.scanners.create({ name: 'portal', groupId: 1 });
      const all = Array.from({ length: 256 }, (_, index) => `10.0.7.${index}`);
      const hosts = (ports: (index: number) => Record<number, string>) =>
        all.map((address, index) => ({ address, ports: ports(index) }));
      const shared = { scannerId, targets: '10.0.7.0/24' };
      await take({ ...shared, at: firstDay, hosts: hosts(() => ({ 22: 'open' })) });
      const scan = await take({
        ...shared,
        at: firstDay + day,
        hosts: hosts((index) => ({ 22: 'open', 443: 'open', ...(index === 9 ? { 8: 'open' } : {}) })),
      });
      expect(scan.receipt.findings).toEqual([
        { kind: 'port', network: '10.0.7.0/24', port: 443, addresses: 256 },
      ]);
      const { items } = await application.changes.page({ scanIds: [scan.id], collapsed: false }, page);
      expect(items.map(({ node }) => [node.address, node.port])).toEqual([['10.0.7.9', 8]]);
    });
  });

  describe('a scanner whose clock is fast', () => {
    test('is told so in the receipt, in the log and in its health', async () => {
      const { application, take } = laboratory;
      const { id: scannerId } = await application.scanners.create({ name: 'fast', groupId: 1 });
      const at = Math.floor(Date.now() / 1000) + 300;
      const { receipt } = await take({ scannerId, at, hosts: [] });
      expect(receipt.clockSkewMs).toBeGreaterThan(250_000);
      expect(receipt.warnings).toContainEqual(
        expect.stringMatching(/in the future: the clock of its scanner is fast/),
      );
      expect((await eventKinds()).at(-1)).toBe('clock_skewed');
      const scanner = await application.scanners.find(scannerId);
      const [health] = await application.decisions.healthOf(scanner === undefined ? [] : [scanner]);
      expect(health?.clockSkewMs).toBe(receipt.clockSkewMs);
    });
  });
});
