import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { TargetRefused } from '../../src/core/errors.ts';
import { eachDatabase, onDatabase } from '../support/databases.ts';
import { samplesFolder, withSamples } from '../support/samples.ts';
import { openTargetWorld, type TargetWorld } from './target-world.ts';

const says = (more: object) => ({ selector: '10.0.0.1', ports: '22/tcp', expect: 'allowed', ...more });

eachDatabase(({ database }) => {
  const open = async () => openTargetWorld(database());

  describe('a row is rejected with its line and a reason', () => {
    test.each([
      ['a view that does not exist', { view: 'nowhere' }, 'there is no scanner group "nowhere"'],
      ['another address space', { addressSpace: 'elsewhere' }, 'it is about the address space "elsewhere"'],
      ['a mask on the address of a host', { selector: '10.0.0.1/24' }, 'bits beyond its prefix'],
      ['a name', { selector: 'web01.example.com' }, 'web01.example.com'],
      ['an ambiguous address', { selector: '010.0.0.1' }, '010.0.0.1'],
      ['a zone', { selector: 'fe80::1%eth0' }, 'fe80::1%eth0'],
      ['port 0', { ports: '0/tcp' }, '0 is not a port'],
      ['port 65536', { ports: '65536/tcp' }, '65536'],
      ['an inverted range', { ports: '90-80/tcp' }, '90-80'],
      ['no port', { ports: ' ' }, 'names none'],
      ['a word for hosts, and ports', { expect: 'present' }, 'is said of hosts'],
      ['a word that nobody knows', { expect: 'open' }, '"open" is not one of'],
      ['a protocol that nobody knows', { ports: '80/quic' }, 'quic'],
      [
        'an end before the beginning',
        { validFrom: '2026-02-01', validUntil: '2026-01-01' },
        'ends before it begins',
      ],
      ['a time that is none', { validUntil: 'tomorrow' }, '"tomorrow" is not a time'],
      [
        'thousands of ports that must be open',
        { ports: '1-2000/tcp', expect: 'required' },
        '1024 are the limit',
      ],
      ['a field that nobody knows', { exepct: 'allowed' }, 'there is no field "exepct"'],
      ['a NUL', { owner: 'a\0b' }, 'NUL'],
      ['no group', { selector: 'group:' }, 'group'],
    ])('%s', async (_name, wrong, reason) => {
      const world = await open();
      const { outcome, plan } = await world.declare([
        says({ externalId: 'good' }),
        says({ externalId: 'bad', ...wrong }),
      ]);
      expect(outcome).toBe('applied');
      expect(plan).toMatchObject({ counts: { created: 1, rejected: 1 }, rejected: [{ line: 2 }] });
      expect(plan.rejected[0]?.reason).toContain(reason);
    });

    test.each([
      ['127.0.0.1', 'loopback'],
      ['::1', 'loopback'],
      ['169.254.1.1', 'link-local'],
      ['fe80::1', 'link-local'],
      ['0.0.0.0', 'all addresses'],
      ['224.0.0.1', 'multicast'],
    ])('an address that means another machine to everybody: %s', async (ip_address, reason) => {
      const world = await open();
      const { plan } = await world.bring(
        JSON.stringify({
          result: [{ protocol: 'TCP', ip_address, port_from: 443, port_to: 443 }],
        }),
        { format: 'idoit-listener-json' },
      );
      expect(plan.counts.created).toBe(0);
      expect([...plan.rejected, ...plan.skipped].map((row) => row.reason).join()).toContain(reason);
    });

    test('one outside of what its source may speak of; groups and everything are wider than any network', async () => {
      const world = await open();
      await world.founded('site', { networks: ['10.0.0.0/24', '2001:db8::/64'] });
      const selectors = [
        '10.0.0.7',
        '10.0.0.0/25',
        '10.0.0.0/23',
        '10.0.1.1',
        '2001:db8::1',
        '2001:db8:1::1',
        '*',
        'group:a',
      ];
      const rows = selectors.map((selector) => says({ selector, expect: 'forbidden' }));
      const { plan } = await world.declare(rows, { into: 'site' });
      expect(plan.counts).toMatchObject({ created: 3, rejected: 5 });
      for (const { reason } of plan.rejected) expect(reason).toContain('outside of what the source "site');
    });

    test('one that is named before and says something else; what says the same is only skipped', async () => {
      const world = await open();
      const { plan } = await world.declare([
        says({ externalId: 'a' }),
        says({ externalId: 'a' }),
        says({ externalId: 'a', expect: 'forbidden' }),
        says({ externalId: 'a', ports: '23/tcp' }),
        says({ ports: '24/tcp' }),
        says({ ports: '24/tcp', owner: 'somebody else' }),
      ]);
      expect(plan.counts).toMatchObject({ created: 3, rejected: 2, skipped: 1 });
      expect(plan.rejected.map(({ line, reason }) => [line, reason])).toEqual([
        [3, '"a" is named before, at line 1'],
        [6, '"10.0.0.1 * 24/tcp" is named before, at line 5'],
      ]);
    });

    test('whole: of a row of which one range was named before nothing is used', async () => {
      const world = await open();
      const { plan } = await world.declare([
        says({ externalId: 'a', ports: '443/tcp' }),
        says({ externalId: 'a', ports: '80/tcp,443/tcp', owner: 'o' }),
      ]);
      expect(plan.counts).toMatchObject({ created: 1, rejected: 1 });
      expect(plan.items.map(({ after }) => after?.ports)).toEqual(['443/tcp']);
    });

    test('however many there are: all are counted, the first are listed', async () => {
      const world = await open();
      const rows = Array.from({ length: 1200 }, (_, i) => says({ selector: `10.0.0.${i}.1` }));
      const { plan } = await world.declare(rows);
      expect(plan.counts.rejected).toBe(1200);
      expect(plan.rejected).toHaveLength(1000);
    });
  });

  describe('statements that overlap', () => {
    test('contradict one another at equal rank: the plan names both, and the stricter one wins', async () => {
      const world = await open();
      await world.founded('policy');
      await world.declare([says({ externalId: 'ssh' })]);
      const { plan } = await world.declare([says({ externalId: 'no ssh', expect: 'forbidden' })], {
        into: 'policy',
      });
      expect(plan.conflicts).toMatchObject([
        { winner: { externalId: 'no ssh' }, loser: { externalId: 'ssh', sourceId: world.source('cmdb') } },
      ]);
      await world.scan({ hosts: { '10.0.0.1': '22' } });
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_forbidden']);
    });

    test('that say the same are co-owned: what one source takes back the other still says', async () => {
      const world = await open();
      await world.founded('other');
      await world.declare([says({ externalId: 'a', expect: 'forbidden' })]);
      await world.declare([says({ externalId: 'b', expect: 'forbidden' })], { into: 'other' });
      await world.scan({ hosts: { '10.0.0.1': '22' } });
      const [before] = await world.items();
      await world.declare([{ externalId: 'a', removed: true }]);
      expect(await world.items()).toMatchObject([{ id: before?.id, episode: 1, kind: 'port_forbidden' }]);
      await world.declare(
        [
          { externalId: 'b', removed: true },
          { selector: '10.0.0.1', expect: 'present' },
        ],
        {
          into: 'other',
        },
      );
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_unexpected']);
    });

    test('of one source with other ranges: the narrower one wins', async () => {
      const world = await open();
      await world.declare([says({ ports: '1-1000/tcp', expect: 'forbidden' }), says({ ports: '22/tcp' })]);
      await world.scan({ hosts: { '10.0.0.1': '22 80' } });
      expect(await world.told()).toEqual(['10.0.0.1 80/tcp port_forbidden']);
    });
  });

  describe('the document as a whole is refused', () => {
    test.each([
      ['that is empty', '', 'EMPTY'],
      ['that is no inventory', 'MZ\u0000\u0001\u0002 this is a program', 'NOT_AN_INVENTORY'],
      [
        'whose gzip is damaged',
        Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6, 7, 8]),
        'CORRUPT',
      ],
      ['with entities', '<!DOCTYPE a [<!ENTITY b "c">]><unload><x>&b;</x></unload>', 'UNSAFE_XML'],
    ])('%s', async (_name, bytes, code) => {
      const world = await open();
      await expect(world.bring(bytes)).rejects.toMatchObject({ name: 'TargetRefused', code });
    });

    test.each([
      [
        'CSV',
        'external_id,selector,ports,expect\na,10.0.0.1,22/tcp,allowed\nb,10.0.0.2,22/tc',
        'expectations-csv',
      ],
      [
        'JSON',
        '{"statements":[{"externalId":"a","selector":"10.0.0.1","ports":"22/tcp","expect":"allowed"},',
        undefined,
      ],
      [
        'XML',
        '<?xml version="1.0"?><unload unload_date="2026-03-12 17:48:30"><cmdb_ci_server action="INSERT_OR_UPDATE"><ip_address>10.0.0.1</ip_address><sys_id>1</sys_id></cmdb_ci_server><cmdb',
        undefined,
      ],
    ])('when it is cut off, as a snapshot: %s', async (_name, text, format) => {
      const world = await open();
      await world.declare([says({ externalId: 'before' })]);
      const how = { mode: 'snapshot', override: { brakes: ['truncated', 'deletes'], reason: 'r' } } as const;
      const work = world.bring(text, { ...how, ...(format === undefined ? {} : { format }) });
      await expect(work).rejects.toMatchObject({ name: 'TargetRefused' });
      expect(await countOf(world)).toBe(1);
    });
  });

  describe('a finished scan as a baseline', () => {
    const xml = (exit: string) =>
      `<?xml version="1.0"?><nmaprun scanner="nmap" args="nmap -p- 10.0.0.1" start="1772300000" version="7.95">` +
      `<scaninfo type="syn" protocol="tcp" numservices="65535" services="1-65535"/>` +
      `<host><status state="up"/><address addr="10.0.0.1" addrtype="ipv4"/><ports>` +
      `<port protocol="tcp" portid="22"><state state="open"/></port>` +
      `<port protocol="tcp" portid="80"><state state="filtered"/></port></ports></host>` +
      `<runstats><finished time="1772300060" exit="${exit}"/></runstats></nmaprun>`;
    const how = (world: TargetWorld, hours: number) => ({
      mode: 'baseline' as const,
      reason: 'as found',
      reviewBy: world.now() + hours * 3_600_000,
    });

    test('is no way to import what should be', async () => {
      const world = await open();
      await expect(world.declare([says({ externalId: 'a' })], how(world, 10))).rejects.toMatchObject({
        field: 'mode',
        message: expect.stringContaining('expectations-jsonl says what should be'),
      });
    });

    test('allows what was open until the review, and needs a reason and a review', async () => {
      const world = await open();
      await world.policy({ undeclaredHosts: 'ignore' });
      await world.scan({ hosts: { '10.0.0.1': '22 80' } });
      await expect(world.bring(xml('success'), { mode: 'baseline', reason: 'r' })).rejects.toMatchObject({
        field: 'reviewBy',
      });
      await expect(world.bring(xml('success'), { mode: 'baseline', reviewBy: 1 })).rejects.toMatchObject({
        field: 'reason',
      });
      await expect(world.bring(xml('success'), how(world, 0))).rejects.toMatchObject({
        field: 'reviewBy',
        message: expect.stringContaining('ended already'),
      });
      await world.bring(xml('success'), how(world, 10));
      expect(await world.told()).toEqual(['10.0.0.1 80/tcp port_unexpected']);
      world.wait(10);
      await world.tick();
      expect(await world.told()).toEqual([
        '10.0.0.1 22/tcp port_unexpected',
        '10.0.0.1 80/tcp port_unexpected',
      ]);
      expect(await world.items({ causes: ['expiry'] })).toHaveLength(1);
    });

    test('holds again after another review, and never changes what is declared', async () => {
      const world = await open();
      await world.declare([says({ externalId: '10.0.0.1 * 22/tcp', expect: 'forbidden' })]);
      expect((await world.bring(xml('success'), how(world, 10))).outcome).toBe('no_changes');
      const other = await open();
      await other.bring(xml('success'), how(other, 10));
      expect((await other.bring(xml('success'), how(other, 20))).outcome).toBe('no_changes');
      other.wait(11);
      expect(await other.bring(xml('success'), how(other, 20))).toMatchObject({
        outcome: 'applied',
        plan: { counts: { updated: 1, created: 0 } },
      });
    });

    test('that broke off is refused', async () => {
      const world = await open();
      await expect(world.bring(xml('error'), how(world, 10))).rejects.toMatchObject({ code: 'CORRUPT' });
    });
  });
});

async function countOf({ application, source }: TargetWorld): Promise<number> {
  return application.targets.statements.count({ sourceIds: [source()] });
}

withSamples('real inventories', () => {
  onDatabase('pglite', ({ database }) => {
    const folders = existsSync(samplesFolder)
      ? readdirSync(samplesFolder).filter((name) => name.startsWith('inventory-'))
      : [];
    const files = folders.flatMap((folder) =>
      readdirSync(join(samplesFolder, folder)).map((name) => join(folder, name)),
    );

    test.each(files)(
      '%s is imported, and imported again without a change; or it is refused by name',
      async (file) => {
        const world = await openTargetWorld(database());
        const bytes = readFileSync(join(samplesFolder, file));
        const override = { brakes: ['wide_allowed', 'truncated'] as const, reason: 'a sample' };
        const first = await world.bring(bytes, { override }).catch((error: unknown) => error);
        if (first instanceof Error) {
          expect(first).toBeInstanceOf(TargetRefused);
          expect(first.message.length).toBeGreaterThan(20);
          return;
        }
        const again = await world.bring(bytes, { override });
        expect(again.outcome).toBe('no_changes');
        expect(again.plan.rejected.every(({ reason }) => reason.length > 10)).toBe(true);
        expect(await world.verify()).toEqual([]);
      },
    );
  });
});
