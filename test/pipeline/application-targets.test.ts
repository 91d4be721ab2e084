import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { hourMs, openTargetWorld, type TargetWorld, tcp } from './target-world.ts';

const host = '10.0.0.1';
const says = (externalId: string, expected: string, more: object = {}) => ({
  externalId,
  selector: host,
  ports: '22/tcp',
  expect: expected,
  ...more,
});

/** Any statements about two hosts and two ports. */
const statements = fc.array(
  fc.record(
    {
      selector: fc.constantFrom(host, '10.0.0.2', '10.0.0.0/24', '10.0.0.0/31', 'group:web', '*'),
      ports: fc.constantFrom('22/tcp', '80/tcp', '1-100/tcp', '22-80/tcp'),
      expect: fc.constantFrom('allowed', 'required', 'forbidden'),
      view: fc.constantFrom('*', 'inside', 'outside'),
      locked: fc.boolean(),
    },
    { requiredKeys: ['selector', 'ports', 'expect'] },
  ),
  { minLength: 1, maxLength: 6 },
);

const anything = { brakes: ['wide_allowed'] as const, reason: 'a law' };

eachDatabase(({ database, kind }) => {
  const open = async () => openTargetWorld(database());
  const explain = (world: TargetWorld, more: object = {}) =>
    world.application.targets.explain({
      addressSpaceId: world.spaceId,
      scannerGroupId: world.view('inside'),
      address: host,
      port: tcp(22),
      ...more,
    });

  describe('explaining an expectation', () => {
    test('names the winner, the losers, the rule and the policy', async () => {
      const world = await open();
      await world.founded('policy', { priority: 5 });
      await world.policy({ undeclaredPorts: 'allow' });
      await world.declare([
        says('wide', 'forbidden', { selector: '10.0.0.0/8', locked: true }),
        says('host', 'allowed'),
      ]);
      await world.declare([says('higher', 'required')], { into: 'policy' });
      expect(await explain(world)).toMatchObject({
        expect: 'forbidden',
        rule: 'locked',
        undeclared: 'allow',
        winner: { externalId: 'wide' },
        losers: [{ externalId: 'higher' }, { externalId: 'host' }],
        conflicts: [],
        policy: { undeclaredPorts: 'allow' },
      });
      expect(await explain(world, { port: tcp(80) })).toMatchObject({ expect: 'undeclared', losers: [] });
    });

    test('agrees with what is assessed, whatever is declared', async () => {
      const numRuns = kind === 'pglite' ? 12 : 6;
      await fc.assert(
        fc.asyncProperty(statements, async (all) => {
          const world = await open();
          await world.declare(
            [...all, { group: 'web', address: '10.0.0.2' }, { selector: '10.0.0.0/24', expect: 'optional' }],
            {
              override: anything,
            },
          );
          for (const by of ['a', 'z']) await world.scan({ by, hosts: { [host]: '22', '10.0.0.2': '80' } });
          const items = new Map(
            (await world.items()).map((one) => [`${one.scannerGroupId} ${one.address} ${one.port}`, one]),
          );
          for (const { isOpen, ...asked } of cellsOf(world)) {
            const { expect: expected, winner } = await explain(world, asked);
            const item = items.get(`${asked.scannerGroupId} ${asked.address} ${asked.port}`);
            expect(item?.kind).toBe(kindOf(expected, isOpen));
            if (item !== undefined) expect(item.statementId).toBe(winner?.id);
          }
        }),
        { numRuns },
      );
    });

    test('of a host tells that somebody names it, although nobody says what it should be', async () => {
      const world = await open();
      await world.declare([says('a', 'allowed')]);
      await world.scan({ hosts: { [host]: '22', '10.0.0.9': '' } });
      expect(await world.told()).toEqual(['10.0.0.9 host host_unexpected']);
      expect(await explain(world, { port: undefined })).toMatchObject({
        expect: 'undeclared',
        undeclared: 'allow',
      });
      const unnamed = { port: undefined, address: '10.0.0.9' };
      expect(await explain(world, unnamed)).toMatchObject({ expect: 'undeclared', undeclared: 'drift' });
    });

    test('of a moment is what was declared then, and what holds then', async () => {
      const world = await open();
      const soon = new Date(world.now() + 100 * hourMs).toISOString();
      await world.declare([says('a', 'allowed', { validUntil: soon })]);
      const first = world.now();
      world.wait(10);
      await world.declare([says('a', 'forbidden', { validUntil: soon })]);
      const at = async (moment: number) => (await explain(world, { at: moment })).expect;
      expect(await at(first - 1)).toBe('undeclared');
      expect(await at(first)).toBe('allowed');
      expect(await at(world.now() - 1)).toBe('allowed');
      expect(await at(world.now())).toBe('forbidden');
      expect(await at(first + 100 * hourMs)).toBe('undeclared');
    });
  });

  describe('a target', () => {
    test('can be read as of any revision and any moment', async () => {
      const world = await open();
      const { statements: list } = world.application.targets;
      const versions = [
        [says('a', 'allowed')],
        [says('a', 'required'), says('b', 'allowed', { ports: '80/tcp' })],
        [says('b', 'allowed', { ports: '80/tcp' }), says('c', 'forbidden', { ports: '90/tcp' })],
      ];
      const moments: number[] = [];
      for (const version of versions) {
        await world.declare(version, { mode: 'snapshot', override: { brakes: ['deletes'], reason: 'r' } });
        moments.push(world.now());
        world.wait(1);
      }
      const read = async (filter: object) => {
        const full = { sourceIds: [world.source()], ...filter };
        const { items } = await list.page(full, { limit: 10, backward: false });
        expect(await list.count(full)).toBe(items.length);
        return items.map(({ node }) => `${node.externalId} ${node.subject.expect}`).sort();
      };
      const told = versions.map((version) => version.map((one) => `${one.externalId} ${one.expect}`).sort());
      for (const [i, version] of told.entries()) {
        expect(await read({ revision: i + 1 })).toEqual(version);
        expect(await read({ asOf: moments[i] })).toEqual(version);
      }
      expect(await read({ revision: 0 })).toEqual([]);
      expect(await read({})).toEqual(told[2]);
    });

    test('is compared revision by revision, in both directions', async () => {
      const world = await open();
      await world.declare([says('a', 'allowed'), says('b', 'allowed', { ports: '80/tcp' })]);
      await world.declare([
        says('a', 'required'),
        { externalId: 'b', removed: true },
        says('c', 'allowed', { ports: '90/tcp' }),
      ]);
      const compare = async (from: number, to: number) => {
        const { counts, items } = await world.application.targets.compareRevisions(world.source(), from, to);
        return [counts, items.map(({ action, externalId }) => `${action} ${externalId}`).sort()];
      };
      expect(await compare(1, 2)).toEqual([
        { created: 1, updated: 1, deleted: 1 },
        ['create c', 'delete b', 'update a'],
      ]);
      expect(await compare(2, 1)).toEqual([
        { created: 1, updated: 1, deleted: 1 },
        ['create b', 'delete c', 'update a'],
      ]);
      expect(await compare(0, 2)).toEqual([{ created: 2, updated: 0, deleted: 0 }, ['create a', 'create c']]);
      expect(await compare(2, 2)).toEqual([{ created: 0, updated: 0, deleted: 0 }, []]);
      await expect(compare(1, 3)).rejects.toThrow('go from 0 to 2');
      await expect(world.application.targets.compareRevisions(999_999, 0, 0)).rejects.toMatchObject({
        name: 'NotFound',
      });
    });

    test('has its revisions, newest first, with who made them and why', async () => {
      const world = await open();
      for (const [i, actor] of ['anna', 'bert', 'cleo'].entries()) {
        await world.declare([says('a', 'allowed', { owner: actor })], { actor, reason: `because ${i}` });
      }
      const { revisions } = world.application.targets;
      const page = await revisions.page({ sourceId: world.source() }, { limit: 2, backward: false });
      expect(page.items.map(({ node }) => [node.number, node.actor, node.reason])).toEqual([
        [3, 'cleo', 'because 2'],
        [2, 'bert', 'because 1'],
      ]);
      expect(page.hasNext).toBe(true);
      expect(await revisions.count({ sourceId: world.source() })).toBe(3);
    });

    test('names its conflicts', async () => {
      const world = await open();
      await world.founded('b');
      await world.founded('higher', { priority: 3 });
      await world.declare([says('a', 'allowed')]);
      await world.declare([says('b', 'forbidden')], { into: 'b' });
      await world.declare([says('c', 'required')], { into: 'higher' });
      const conflicts = await world.application.targets.conflicts(world.spaceId);
      expect(conflicts.map(({ winner, loser }) => [winner.externalId, loser.externalId])).toEqual([
        ['b', 'a'],
      ]);
    });
  });

  describe('a source', () => {
    test('that declared something is kept with its history, and the message says how to let it declare nothing', async () => {
      const world = await open();
      const { sources } = world.application.targets;
      await world.founded('empty');
      await sources.remove(world.source('empty'));
      await world.declare([says('a', 'allowed')]);
      await expect(sources.remove(world.source())).rejects.toMatchObject({
        name: 'InUse',
        message: expect.stringMatching(/has a history, and is kept with it.*empty snapshot/),
      });
    });

    test.each([
      ['networks', { networks: [] }],
      ['networks', { networks: ['10.0.0.0/99'] }],
      ['priority', { priority: -1 }],
      ['deleteShare', { deleteShare: 1.5 }],
    ])('with wrong %s is refused', async (field, wrong) => {
      const world = await open();
      await expect(world.founded('wrong', wrong)).rejects.toMatchObject({ name: 'BadInput', field });
    });
  });
});

function kindOf(expected: string, isOpen: boolean): string | undefined {
  if (expected === 'required') return isOpen ? undefined : 'port_missing';
  if (!isOpen || expected === 'allowed') return undefined;
  return expected === 'forbidden' ? 'port_forbidden' : 'port_unexpected';
}

/** What both views were asked about, and what they saw. */
function cellsOf(world: TargetWorld) {
  return ['inside', 'outside'].flatMap((view) =>
    [host, '10.0.0.2'].flatMap((address) =>
      [22, 80].map((port) => ({
        scannerGroupId: world.view(view),
        address,
        port: tcp(port),
        isOpen: port === (address === host ? 22 : 80),
      })),
    ),
  );
}
