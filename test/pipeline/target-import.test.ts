import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { TargetRefused } from '../../src/core/errors.ts';
import type { ImportRequest } from '../../src/core/target-model.ts';
import { limits } from '../../src/limits.ts';
import { openDatabase } from '../../src/store/database.ts';
import { eachDatabase } from '../support/databases.ts';
import { bytesOf, hourMs, openTargetWorld, type TargetWorld } from './target-world.ts';

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

/** The code under which something is refused. */
async function refusal(work: Promise<unknown>): Promise<TargetRefused> {
  return work.then(
    () => Promise.reject(new Error('it was not refused')),
    (error: TargetRefused) => error,
  );
}

/** What a source declares now, as `name expect`. */
async function standing(world: TargetWorld, into = 'cmdb', filter: object = {}): Promise<string[]> {
  const { statements } = world.application.targets;
  const page = await statements.page(
    { sourceIds: [world.source(into)], ...filter },
    { limit: 1000, backward: false },
  );
  return page.items.map(({ node }) => `${node.externalId} ${node.subject.expect}`).sort();
}

eachDatabase(({ database, kind, url }) => {
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
      const { hash } = await world.plan([
        says('ssh'),
        says('web', 'required', { ports: '22/tcp', view: 'outside' }),
      ]);
      await world.application.targets.apply(hash, {});
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

  describe('an import', () => {
    test('of what is declared makes no revision and tells nothing', async () => {
      const world = await open();
      const first = await world.declare([says('a'), says('b', 'forbidden', { owner: 'o', locked: true })]);
      const events = await world.events();
      for (const mode of ['patch', 'snapshot', 'patch'] as const) {
        const again = await world.declare([says('b', 'forbidden', { owner: 'o', locked: true }), says('a')], {
          mode,
        });
        expect(again).toMatchObject({ outcome: 'no_changes', plan: { counts: { unchanged: 2 } } });
        expect(again.revision).toBeUndefined();
      }
      expect(await world.application.targets.sources.find(world.source())).toMatchObject({
        revision: first.revision?.number,
      });
      expect(await world.events()).toEqual(events);
    });

    test('of the same bytes is read again once their words mean something else', async () => {
      const world = await open();
      const { targets, scannerGroups } = world.application;
      await world.declare([says('a', 'allowed', { view: 'inside' })]);
      await targets.sources.update(world.source(), { networks: ['192.0.2.0/24'] });
      expect((await world.declare([says('a', 'allowed', { view: 'inside' })])).plan.counts.rejected).toBe(1);
      await targets.sources.update(world.source(), { networks: null });
      expect((await world.declare([says('a', 'allowed', { view: 'inside' })])).plan.counts.unchanged).toBe(1);
      const name = world.viewName('inside');
      await scannerGroups.update(world.view('inside'), { name: `${name} renamed` });
      expect((await world.declare([says('a', 'allowed', { view: 'inside' })])).plan.counts.rejected).toBe(1);
    });

    test('that fails in the middle leaves nothing behind', async () => {
      const world = await open();
      await world.declare([says('a')]);
      const target = world.application.targets;
      async function* broken() {
        yield Buffer.from(`${JSON.stringify(says('b'))}\n`);
        throw new Error('the connection broke');
      }
      const request = {
        sourceId: world.source(),
        mode: 'patch',
        format: 'expectations-jsonl',
        dryRun: false,
      } as const;
      await expect(target.importInventory(request, broken())).rejects.toThrow('the connection broke');
      expect(await standing(world)).toEqual(['a allowed']);
      const mixed = [says('a', 'required'), says('c', 'nonsense')];
      expect(await refusal(world.declare(mixed, { mode: 'snapshot' }))).toMatchObject({
        code: 'UNREADABLE_ROWS',
        rows: [{ line: 2, reason: expect.stringContaining('nonsense') }],
      });
      expect(await standing(world)).toEqual(['a allowed']);
      expect(await world.events()).toHaveLength(1);
    });

    test('under a key is done once, and the key stands for it alone', async () => {
      const world = await open();
      const first = await world.declare([says('a')], { idempotencyKey: 'k' });
      const again = await world.declare([says('a')], { idempotencyKey: 'k' });
      expect(again).toEqual({ ...first, outcome: 'repeated' });
      expect(await refusal(world.declare([says('b')], { idempotencyKey: 'k' }))).toMatchObject({
        code: 'KEY_REUSED',
      });
      await world.founded('other');
      expect(await world.declare([says('b')], { idempotencyKey: 'k', into: 'other' })).toMatchObject({
        outcome: 'applied',
      });
      expect(await world.declare([says('a')], { idempotencyKey: 'l' })).toMatchObject({
        outcome: 'no_changes',
      });
    });

    test('under a key is answered again whatever its texts hold', async () => {
      const world = await open();
      const odd = [says('half \ud83d of a character', 'allowed', { description: '\u0007 \u202e "\\' })];
      const first = await world.declare(odd, { idempotencyKey: 'k' });
      expect(first.outcome).toBe('applied');
      expect(await world.declare(odd, { idempotencyKey: 'k' })).toMatchObject({ outcome: 'repeated' });
      expect(await world.declare([...odd, says('b')])).toMatchObject({
        plan: { counts: { created: 1, updated: 0 } },
      });
    });

    test('by a snapshot must know the revision that it replaces', async () => {
      const world = await open();
      await world.declare([says('a')]);
      const how = { mode: 'snapshot', expectedRevision: 0 } as const;
      const refused = await refusal(world.declare([says('b')], how));
      expect(refused).toMatchObject({ code: 'REVISION_MISMATCH' });
      expect(refused.message).toContain('is at revision 1, and 0 was expected');
      const silent = world.application.targets.importInventory(
        { sourceId: world.source(), mode: 'snapshot', dryRun: false },
        bytesOf(`${JSON.stringify(says('b'))}\n`),
      );
      await expect(silent).rejects.toMatchObject({ name: 'BadInput', field: 'expectedRevision' });
    });

    test('of which two come at once is done one after the other, and the second is told', async () => {
      const world = await open();
      await world.declare([says('a'), says('b'), says('c'), says('d')]);
      const other = kind === 'postgres' ? await openTargetWorld(await openDatabase({ url: url() })) : world;
      const targets = [world.application.targets, other.application.targets];
      const override = { brakes: ['deletes'] as const, reason: 'r' };
      const outcomes = await Promise.allSettled(
        targets.map((each, i) =>
          each.importInventory(
            { sourceId: world.source(), mode: 'snapshot', expectedRevision: 1, dryRun: false, override },
            bytesOf(`${JSON.stringify(says(`winner ${i}`))}\n`),
          ),
        ),
      );
      const lost = outcomes.flatMap((one) =>
        one.status === 'rejected' ? [one.reason as TargetRefused] : [],
      );
      expect(lost).toMatchObject([{ code: 'REVISION_MISMATCH' }]);
      expect(await standing(world)).toHaveLength(1);
      if (other !== world) await other.database.close();
    });

    test('by two sources at once keeps both, and drift is right', async () => {
      const world = await open();
      await world.founded('other');
      await world.scan({ hosts: { [host]: '22 80', '10.0.0.2': '22' } });
      for (let round = 0; round < 5; round += 1) {
        await Promise.all([
          world.declare([says('a', round % 2 === 0 ? 'forbidden' : 'required')]),
          world.declare([says('b', 'allowed', { ports: '80/tcp', owner: `${round}` })], { into: 'other' }),
        ]);
        expect(await world.verify()).toEqual([]);
      }
      expect(await standing(world)).toEqual(['a forbidden']);
      expect(await standing(world, 'other')).toEqual(['b allowed']);
    });
  });

  describe('a snapshot', () => {
    const all = { brakes: ['deletes', 'empty_snapshot'] as const, reason: 'meant' };

    test('of some networks deletes nothing outside them', async () => {
      const world = await open();
      await world.declare([
        says('inside', 'allowed', { selector: '10.0.0.0/25' }),
        says('host', 'allowed', { selector: '10.0.0.5' }),
        says('wider', 'allowed', { selector: '10.0.0.0/16' }),
        says('elsewhere', 'allowed', { selector: '10.9.0.1' }),
        says('group', 'allowed', { selector: 'group:web' }),
        says('all', 'forbidden', { selector: '*' }),
        { group: 'web', address: '10.0.0.7' },
      ]);
      const how = { mode: 'snapshot', networks: ['10.0.0.0/24'], override: all } as const;
      await world.declare([says('host', 'required', { selector: '10.0.0.5' })], how);
      expect(await standing(world)).toEqual([
        'all forbidden',
        'elsewhere allowed',
        'group allowed',
        'host required',
        'wider allowed',
      ]);
      expect(await world.application.targets.hostGroups(world.spaceId)).toEqual([
        { name: 'web', members: 1 },
      ]);
      await expect(
        world.declare([says('x', 'allowed', { selector: '10.9.0.9' })], how),
      ).rejects.toMatchObject({
        name: 'BadInput',
        field: 'networks',
      });
    });

    test('never deletes what another source declares', async () => {
      const world = await open();
      await world.founded('other');
      await world.declare([says('a'), says('shared', 'forbidden')], { into: 'other' });
      await world.declare([says('a'), says('shared', 'forbidden')]);
      await world.declare([], { mode: 'snapshot', override: all });
      expect(await standing(world)).toEqual([]);
      expect(await standing(world, 'other')).toEqual(['a allowed', 'shared forbidden']);
    });

    test('makes members of groups come and go, and drift with them', async () => {
      const world = await open();
      const rule = { externalId: 'ssh', selector: 'group:web', ports: '22/tcp', expect: 'forbidden' };
      const members = (...addresses: string[]) => addresses.map((address) => ({ group: 'web', address }));
      await world.policy({ undeclaredPorts: 'ignore', undeclaredHosts: 'ignore' });
      await world.declare([rule, ...members('10.0.0.1', '10.0.0.2')]);
      await world.scan({ hosts: { '10.0.0.1': '22', '10.0.0.2': '22', '10.0.0.3': '22' } });
      expect((await world.told()).map((item) => item.split(' ')[0])).toEqual(['10.0.0.1', '10.0.0.2']);
      const moved = await world.declare([rule, ...members('10.0.0.2', '10.0.0.3')], { mode: 'snapshot' });
      expect(moved).toMatchObject({ outcome: 'applied', plan: { counts: { unchanged: 1 } } });
      expect((await world.told()).map((item) => item.split(' ')[0])).toEqual(['10.0.0.2', '10.0.0.3']);
      expect(await world.items({ states: ['resolved'] })).toMatchObject([{ resolvedBy: 'target_change' }]);
      expect(await world.declare([rule, ...members('10.0.0.2')])).toMatchObject({ outcome: 'no_changes' });
      expect(await world.verify()).toEqual([]);
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
      expect(result.revision).toMatchObject({ reason: 'decommissioned', counts: { deleted: 1 } });
    });

    test('holds a snapshot that takes away more than a share, and more than one', async () => {
      const world = await open();
      await world.declare(many(10));
      expect(await braked(world.declare(many(6), { mode: 'snapshot' }))).toEqual([
        ['deletes', '4 of 10', '3 (30 %)'],
      ]);
      expect(await world.declare(many(7), { mode: 'snapshot' })).toMatchObject({ outcome: 'applied' });
      await world.declare(many(2), { mode: 'snapshot', override: { brakes: ['deletes'], reason: 'r' } });
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

  test('a packed inventory says what it says unpacked', async () => {
    const world = await open();
    const text = `${many(3)
      .map((one) => JSON.stringify(one))
      .join('\n')}\n`;
    expect(await world.bring(gzipSync(text))).toMatchObject({ plan: { counts: { created: 3 } } });
    expect(await world.bring(text)).toMatchObject({ outcome: 'no_changes' });
    expect(await world.bring(gzipSync(text))).toMatchObject({ outcome: 'no_changes' });
  });
});
