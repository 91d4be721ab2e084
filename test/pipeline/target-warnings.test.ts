import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { openTargetWorld, type WorldImport } from './target-world.ts';

const says = (externalId: string, more: object = {}) => ({
  externalId,
  selector: '10.0.0.1',
  ports: '22/tcp',
  expect: 'allowed',
  ...more,
});
const member = (address: string) => ({ group: 'web', address });

eachDatabase(({ database }) => {
  const open = async () => openTargetWorld(database());
  /** The warnings of a plan in a space where "a" and a member of "web" are declared. */
  const warned = async (statements: readonly object[], how: WorldImport = {}) => {
    const world = await open();
    await world.declare([says('a'), member('10.0.0.1')]);
    return (await world.plan(statements, how)).warnings;
  };

  test('a snapshot that names no member leaves the members, and says so', async () => {
    const world = await open();
    await world.declare([says('a'), member('10.0.0.1'), member('10.0.0.2')]);
    const { plan, outcome } = await world.declare([says('a')], { mode: 'snapshot' });
    expect(outcome).toBe('no_changes');
    expect(plan.warnings).toEqual([
      'The inventory names no members of host groups: the 2 that the source has stay.',
    ]);
    const named = await world.declare([says('a'), member('10.0.0.1')], { mode: 'snapshot' });
    expect(named.plan.warnings).toEqual(['Members of host groups: 0 come, 1 go.']);
    expect(await world.application.targets.hostGroups(world.spaceId)).toEqual([{ name: 'web', members: 1 }]);
  });

  test.each([
    [
      '{"statements":[]}',
      { format: 'expectations-json' },
      'No record was found in the document: it says nothing.',
    ],
    [
      '{"hosts":[{"ip":"10.0.0.1"}]}',
      {
        format: 'json-profile',
        profile: '{"records":["machines/*"],"fields":{"selector":"ip"},"constants":{"expect":"present"}}',
      },
      'No record was found in the document, where the paths of the mapping profile ("records") lead: it says nothing.',
    ],
  ])('a plan of %s warns that it holds no record', async (text, how, warning) => {
    const world = await open();
    expect((await world.bring(text, { ...how, dryRun: true })).plan.warnings).toEqual([warning]);
  });

  test.each<[string, readonly object[], readonly string[]]>([
    ['nothing odd', [says('b')], []],
    [
      'a statement that ended',
      [says('b', { validUntil: '2026-02-01T00:00:00Z' })],
      ['1 statement ended before now: it is kept, and says nothing.'],
    ],
    [
      'statements that ended',
      [says('b', { validUntil: '2026-02-01' }), says('c', { validUntil: '2026-02-02' })],
      ['2 statements ended before now: they are kept, and say nothing.'],
    ],
    [
      'a loopback address',
      [says('b', { selector: '127.0.0.1' }), says('c', { selector: '0.0.0.0/0', expect: 'forbidden' })],
      [
        '1 statement is about a loopback, link-local, multicast or unspecified address, which means another machine to everybody.',
      ],
    ],
    [
      'addresses that mean another machine to everybody',
      ['127.0.0.0/8', '::1', 'fe80::/64', '224.0.0.1', '0.0.0.0'].map((selector, i) =>
        says(`local ${i}`, { selector, expect: 'forbidden' }),
      ),
      [
        '5 statements are about loopback, link-local, multicast or unspecified addresses, which mean another machine to everybody.',
      ],
    ],
    ['a group with members', [says('b', { selector: 'group:web' })], []],
    [
      'a group without members',
      [says('b', { selector: 'group:nosuch' })],
      ['Nobody belongs to the host group "nosuch": what is said of it holds for no host.'],
    ],
    [
      'groups without members',
      ['g1', 'g2', 'g3', 'g4', 'web'].map((name) => says(name, { selector: `group:${name}` })),
      [
        'Nobody belongs to the host groups "g1", "g2", "g3", and 1 more: what is said of them holds for no host.',
      ],
    ],
    ['a record twice', [says('b'), says('b')], ['1 record says nothing on purpose.']],
  ])('of %s a plan warns in one sentence at most', async (_name, statements, warnings) => {
    expect(await warned(statements)).toEqual(warnings);
  });
});
