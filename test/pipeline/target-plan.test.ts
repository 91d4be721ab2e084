import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { ImportRequest } from '../../src/core/target-model.ts';
import { limits } from '../../src/limits.ts';
import { eachDatabase } from '../support/databases.ts';
import { hourMs, openTargetWorld, refusal, standing } from './target-world.ts';

const host = '10.0.0.1';
const says = (externalId: string, expected = 'allowed', more: object = {}) => ({
  externalId,
  selector: host,
  ports: '22/tcp',
  expect: expected,
  ...more,
});
const many = (count: number, from = 1) =>
  Array.from({ length: count }, (_, i) =>
    says(`s${i + from}`, 'allowed', { selector: `10.0.0.${i + from}` }),
  );

eachDatabase(({ database }) => {
  const open = async () => openTargetWorld(database());

  describe('a plan', () => {
    const planned = async (how: Partial<ImportRequest> = {}) => {
      const world = await open();
      await world.declare([says('a'), says('b', 'forbidden', { ports: '80/tcp' })]);
      const statements = [says('a', 'required'), says('c', 'allowed', { ports: '90/tcp' })];
      const plan = await world.plan(statements, { mode: 'snapshot', ...how });
      return { world, statements, plan, targets: world.application.targets };
    };

    test('says what would be, changes nothing, and is applied exactly', async () => {
      const { world, plan, targets } = await planned();
      expect(plan).toMatchObject({
        baseRevision: 1,
        counts: { created: 1, updated: 1, deleted: 1, unchanged: 0, rejected: 0, skipped: 0 },
        brakes: [],
      });
      expect(plan.items.map(({ action, externalId }) => [action, externalId])).toEqual([
        ['delete', 'b'],
        ['update', 'a'],
        ['create', 'c'],
      ]);
      expect(await standing(world)).toEqual(['a allowed', 'b forbidden']);
      const result = await targets.apply(plan.hash, { actor: 'anna' });
      expect(result).toMatchObject({
        outcome: 'applied',
        plan: { counts: plan.counts },
        revision: { number: 2, actor: 'anna' },
      });
      expect(await standing(world)).toEqual(['a required', 'c allowed']);
    });

    test('says what drift would come and go', async () => {
      const world = await open();
      await world.declare([{ selector: host, expect: 'present' }, says('ssh', 'forbidden')]);
      await world.scan({ hosts: { [host]: '22 80' } });
      const plan = await world.plan([says('ssh'), says('https', 'required', { ports: '81/tcp' })]);
      expect(plan.impact).toEqual({ wouldOpen: 0, wouldResolve: 1, wouldHideForbidden: 1, assessed: 2 });
      const other = await world.plan([
        says('ssh'),
        says('web', 'required', { ports: '22/tcp', view: 'outside' }),
      ]);
      const applied = await world.application.targets.apply(other.hash, {});
      expect(applied.plan.impact).toEqual(other.impact);
      const [imported] = (await world.events({ events: ['imported'] })).slice(-1);
      expect(imported?.counts).toEqual({ opened: 0, resolved: 1 });
    });

    test('is stale once somebody else imported', async () => {
      const { world, plan, targets } = await planned();
      await world.declare([says('d')]);
      expect(await refusal(targets.apply(plan.hash, {}))).toMatchObject({ code: 'STALE_PLAN' });
      expect(await standing(world)).toEqual(['a allowed', 'b forbidden', 'd allowed']);
    });

    test('is stale once it is applied, unless the same is asked again under its key', async () => {
      const { plan, targets } = await planned();
      const first = await targets.apply(plan.hash, { idempotencyKey: 'k' });
      const again = await targets.apply(plan.hash, { idempotencyKey: 'k' });
      expect(again).toEqual({ ...first, outcome: 'repeated' });
      expect(await refusal(targets.apply(plan.hash, {}))).toMatchObject({ code: 'STALE_PLAN' });
    });

    test('is that of whoever planned last, with the reason', async () => {
      const { world, statements, targets } = await planned({ actor: 'anna', reason: 'first' });
      const plan = await world.plan(statements, { mode: 'snapshot', actor: 'bert', reason: 'second' });
      expect((await targets.apply(plan.hash, {})).revision).toMatchObject({
        actor: 'bert',
        reason: 'second',
      });
    });

    test('expires, and the message says what to do', async () => {
      const { world, plan, targets } = await planned();
      world.wait(limits.planKeptMs / hourMs);
      const refused = await refusal(targets.apply(plan.hash, {}));
      expect(refused).toMatchObject({ code: 'EXPIRED_PLAN' });
      expect(refused.message).toContain('plan the import again');
    });

    test('that nobody made is unknown', async () => {
      const { targets } = await planned();
      expect(await refusal(targets.apply('0'.repeat(32), {}))).toMatchObject({ code: 'UNKNOWN_PLAN' });
    });
  });

  describe('a brake', () => {
    const braked = async (work: Promise<unknown>) => {
      const { code, brakes, message } = await refusal(work);
      expect(code).toBe('BRAKES');
      expect(message).toContain('Let the brake "');
      return brakes.map(({ kind: which, observed, limit }) => [which, observed, limit]);
    };

    test('holds a snapshot that declares nothing, and gives way to a reason', async () => {
      const world = await open();
      await world.declare([says('a')]);
      expect(await braked(world.declare([], { mode: 'snapshot' }))).toEqual([
        ['empty_snapshot', '0 statements', 'at least 1'],
      ]);
      const blank = { brakes: ['empty_snapshot'] as const, reason: ' ' };
      await expect(world.declare([], { mode: 'snapshot', override: blank })).rejects.toThrow(
        'needs a reason',
      );
      const override = { ...blank, reason: 'decommissioned' };
      const result = await world.declare([], { mode: 'snapshot', override });
      expect(result.revision).toMatchObject({
        reason: 'decommissioned (brakes let go: empty_snapshot)',
        counts: { deleted: 1 },
      });
    });

    test('holds a snapshot that takes away more than a share, and more than one', async () => {
      const world = await open();
      await world.declare(many(10));
      expect(await braked(world.declare(many(6), { mode: 'snapshot' }))).toEqual([
        ['deletes', '4 of 10', '3 (30 %)'],
      ]);
      expect(await world.declare(many(7), { mode: 'snapshot' })).toMatchObject({ outcome: 'applied' });
      const override = { brakes: ['deletes', 'wide_allowed'], reason: 'r' } as const;
      const { revision } = await world.declare(many(2), { mode: 'snapshot', override, reason: 'r' });
      expect(revision?.reason).toBe('r (brakes let go: deletes)');
      expect(await world.declare(many(1), { mode: 'snapshot' })).toMatchObject({ outcome: 'applied' });
    });

    test('holds a snapshot that renames everything', async () => {
      const world = await open();
      await world.declare(many(10));
      expect(await braked(world.declare(many(10, 50), { mode: 'snapshot' }))).toEqual([
        ['deletes', '10 of 10', '3 (30 %)'],
      ]);
    });

    test.each([
      ['10.0.0.0/15', true],
      ['10.0.0.0/16', false],
      ['2001::/31', true],
      ['2001:db8::/32', false],
      ['*', true],
      ['0.0.0.0/0', true],
    ])('on what is allowed in %s: %s', async (selector, isHeld) => {
      const world = await open();
      const work = world.declare([says('wide', 'allowed', { selector })]);
      if (isHeld) expect(await braked(work)).toEqual([['wide_allowed', selector, '/16 or ::/32']]);
      else expect(await work).toMatchObject({ outcome: 'applied' });
      expect(await world.declare([says('strict', 'forbidden', { selector })])).toMatchObject({
        outcome: 'applied',
      });
    });

    test('holds an import that would hide many open forbidden ports', async () => {
      const world = await open();
      const hosts = Array.from({ length: 21 }, (_, i) => `10.0.0.${i + 1}`);
      await world.declare([says('telnet', 'forbidden', { selector: '10.0.0.0/24' })]);
      await world.policy({ undeclaredHosts: 'ignore' });
      await world.scan({ hosts: Object.fromEntries(hosts.map((address) => [address, '22'])) });
      const lenient = [says('telnet', 'allowed', { selector: '10.0.0.0/24' })];
      expect(await braked(world.declare(lenient))).toEqual([['resolves_forbidden', '21', '20']]);
      expect(await world.items({ kinds: ['port_forbidden'] })).toHaveLength(21);
      expect(await standing(world)).toEqual(['telnet forbidden']);
      expect((await world.logged()).filter((entry) => entry.startsWith('resolved'))).toEqual([]);
      expect(await world.verify()).toEqual([]);
      await world.declare(lenient, { override: { brakes: ['resolves_forbidden'], reason: 'a new policy' } });
      expect(await world.items()).toEqual([]);
    });

    test('holds what is older than what was imported last', async () => {
      const world = await open();
      const xml = (time: string) =>
        `<?xml version="1.0"?><unload unload_date="${time}"><cmdb_ci_linux_server action="INSERT_OR_UPDATE">` +
        `<ip_address>10.0.0.1</ip_address><sys_id>${time.length}${time.charCodeAt(9)}</sys_id></cmdb_ci_linux_server></unload>`;
      await world.bring(xml('2026-03-12 17:48:30'));
      expect(await braked(world.bring(xml('2026-03-11 17:48:30')))).toEqual([
        ['older_revision', '2026-03-11T17:48:30.000Z', '2026-03-12T17:48:30.000Z'],
      ]);
      expect(await world.bring(xml('2026-03-13 17:48:30'))).toMatchObject({ outcome: 'applied' });
    });

    test('holds a patch that is cut off; a snapshot that is cut off is refused whatever is said', async () => {
      const world = await open();
      const cut = gzipSync(
        `${many(40)
          .map((one) => JSON.stringify(one))
          .join('\n')}\n`,
        { level: 0 },
      ).subarray(0, -700);
      expect(await braked(world.bring(cut, { format: 'expectations-jsonl' }))).toEqual([
        ['truncated', 'its gzip ends in the middle', 'a whole document'],
      ]);
      const how = { mode: 'snapshot', override: { brakes: ['truncated', 'deletes'], reason: 'r' } } as const;
      expect(await refusal(world.bring(cut, { format: 'expectations-jsonl', ...how }))).toMatchObject({
        code: 'CORRUPT',
      });
      expect(await standing(world)).toEqual([]);
    });
  });
});
