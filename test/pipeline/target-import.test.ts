import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { TargetRefused } from '../../src/core/errors.ts';
import { openDatabase } from '../../src/store/database.ts';
import { eachDatabase } from '../support/databases.ts';
import { bytesOf, openTargetWorld, refusal, standing } from './target-world.ts';

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

eachDatabase(({ database, kind, url }) => {
  const open = async () => openTargetWorld(database());

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

    test.each(['actor', 'reason', 'idempotencyKey'])(
      'with a text that cannot be stored is refused: %s',
      async (field) => {
        const world = await open();
        await expect(world.declare([says('a')], { [field]: 'a\0b' })).rejects.toMatchObject({
          name: 'BadInput',
          field,
        });
        await expect(world.plan([says('a')], { [field]: 'x'.repeat(100_000) })).rejects.toMatchObject({
          field,
        });
      },
    );

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

    test('in which networks it holds is said of a snapshot alone', async () => {
      const world = await open();
      const networks = ['10.0.0.0/24'];
      await expect(world.declare([says('a')], { networks })).rejects.toMatchObject({
        field: 'networks',
        message: expect.stringContaining('this is a patch: leave it out'),
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
