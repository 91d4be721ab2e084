import { describe, expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { openTargetWorld } from './target-world.ts';

const host = '10.0.0.1';
const ssh = (expected: string) => ({ selector: host, ports: '22/tcp', expect: expected });

/** What the view saw of 22/tcp. */
const sights = {
  open: { hosts: { [host]: '22' } },
  'not open': { hosts: { [host]: '22:closed' } },
  inconclusive: { hosts: { [host]: '22:open|filtered' } },
  'out of scope': { hosts: { [host]: '80:closed' }, ports: '80' },
  'by a partial scan that is silent': { hosts: { [host]: '80:closed' }, exit: 'error' },
  'by no scan': { hosts: {}, targets: '10.9.0.0/24' },
} as const;

eachDatabase(({ database }) => {
  describe('an endpoint', () => {
    test.each([
      ['required', 'open', []],
      ['required', 'not open', ['10.0.0.1 22/tcp port_missing']],
      ['required', 'inconclusive', []],
      ['required', 'out of scope', []],
      ['required', 'by a partial scan that is silent', []],
      ['required', 'by no scan', []],
      ['allowed', 'open', []],
      ['allowed', 'not open', []],
      ['allowed', 'inconclusive', []],
      ['allowed', 'out of scope', []],
      ['forbidden', 'open', ['10.0.0.1 22/tcp port_forbidden']],
      ['forbidden', 'not open', []],
      ['forbidden', 'inconclusive', []],
      ['forbidden', 'out of scope', []],
      ['undeclared', 'open', ['10.0.0.1 22/tcp port_unexpected']],
      ['undeclared', 'not open', []],
      ['undeclared', 'inconclusive', []],
      ['forbidden', 'by a partial scan that is silent', []],
      ['forbidden', 'by no scan', []],
    ] as const)('that is %s and seen %s', async (expected, seen, items) => {
      const world = await openTargetWorld(database());
      const known = { selector: host, expect: 'optional' };
      await world.declare(expected === 'undeclared' ? [known] : [known, ssh(expected)]);
      await world.scan(sights[seen]);
      expect(await world.told()).toEqual(items);
      expect(await world.verify()).toEqual([]);
    });

    test.each([
      ['required', '22=ssh', []],
      ['required', '22=http', ['10.0.0.1 22/tcp service_mismatch']],
      ['required', '22', []],
      ['required', '22:closed', ['10.0.0.1 22/tcp port_missing']],
      ['allowed', '22=ssh', []],
      ['allowed', '22=http', ['10.0.0.1 22/tcp service_mismatch']],
      ['allowed', '22:closed', []],
      ['forbidden', '22=http', ['10.0.0.1 22/tcp port_forbidden']],
    ] as const)(
      'that is %s with ssh behind it, and seen %s, where services are assessed',
      async (expected, seen, items) => {
        const world = await openTargetWorld(database());
        await world.policy({ assessServices: true });
        await world.declare([
          { selector: host, expect: 'optional' },
          { ...ssh(expected), service: 'ssh' },
        ]);
        await world.scan({ hosts: { [host]: seen } });
        expect(await world.told()).toEqual(items);
        expect(await world.verify()).toEqual([]);
      },
    );

    test('with another service behind it deviates only while a policy assesses services', async () => {
      const world = await openTargetWorld(database());
      await world.declare([
        { selector: host, expect: 'optional' },
        { ...ssh('allowed'), service: 'ssh' },
      ]);
      await world.scan({ hosts: { [host]: '22=http' } });
      expect(await world.told()).toEqual([]);
      await world.policy({ assessServices: true });
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp service_mismatch']);
      world.wait(1);
      await world.scan({ hosts: { [host]: '22=ssh' } });
      expect(await world.told()).toEqual([]);
      world.wait(1);
      await world.scan({ hosts: { [host]: '22=http' } });
      await world.policy({ assessServices: false });
      expect(await world.told()).toEqual([]);
      expect(await world.logged({ events: ['opened', 'reopened', 'resolved'] })).toEqual([
        'opened by policy_change: 10.0.0.1 22/tcp',
        'resolved by observation: 10.0.0.1 22/tcp',
        'reopened by observation: 10.0.0.1 22/tcp',
        'resolved by policy_change: 10.0.0.1 22/tcp',
      ]);
      expect(await world.verify()).toEqual([]);
    });

    test('with another service behind it stays told when evidence goes stale', async () => {
      const world = await openTargetWorld(database());
      await world.policy({ assessServices: true, staleAfterSeconds: 24 * 3600 });
      await world.declare([
        { selector: host, expect: 'optional' },
        { ...ssh('allowed'), service: 'ssh' },
      ]);
      await world.scan({ hosts: { [host]: '22=http' } });
      world.wait(48);
      await world.tick();
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp service_mismatch (stale)']);
      expect(await world.verify()).toEqual([]);
    });

    test.each([
      ['required', 'inconclusive', 'inconclusive'],
      ['required', 'out of scope', 'port_not_in_scope'],
      ['required', 'by a partial scan that is silent', 'scan_partial'],
      ['required', 'by no scan', 'never_scanned'],
      ['forbidden', 'inconclusive', 'inconclusive'],
      ['forbidden', 'out of scope', 'port_not_in_scope'],
      ['forbidden', 'by a partial scan that is silent', 'scan_partial'],
      ['forbidden', 'by no scan', 'never_scanned'],
    ] as const)('that is %s and seen %s is told as unscanned', async (expected, seen, reason) => {
      const world = await openTargetWorld(database());
      await world.declare([ssh(expected)]);
      await world.scan(sights[seen]);
      const place = { addressSpaceId: world.spaceId, scannerGroupIds: [world.view('inside')] };
      const { items } = await world.application.drift.unscanned.page(place, { limit: 10, backward: false });
      expect(items.map(({ node }) => node.reason)).toEqual([reason]);
    });

    test('that is open is told even by a partial scan, which nothing contradicts', async () => {
      const world = await openTargetWorld(database());
      await world.declare([ssh('forbidden')]);
      await world.scan({ hosts: { [host]: '22' }, exit: 'error' });
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_forbidden']);
    });

    test('that is required on a host that went is unknown, for nobody can ask the host', async () => {
      const world = await openTargetWorld(database());
      await world.declare([ssh('required'), { selector: host, expect: 'present' }]);
      await world.scan({ hosts: { [host]: '22' } });
      world.wait(24);
      await world.scan({ hosts: {} });
      expect(await world.told()).toEqual(['10.0.0.1 host host_missing']);
      const [compliance] = await world.application.drift.complianceOf(world.spaceId, host);
      expect(compliance).toMatchObject({ verdict: 'drift', unknown: [{ reason: 'host_gone' }] });
    });
  });

  describe('a host', () => {
    test.each([
      ['present', 'up', []],
      ['present', 'gone', ['10.0.0.1 host host_missing']],
      ['optional', 'up', []],
      ['optional', 'gone', []],
      ['absent', 'up', ['10.0.0.1 host host_forbidden']],
      ['absent', 'gone', []],
    ] as const)('that is declared %s and is %s', async (expected, seen, items) => {
      const world = await openTargetWorld(database());
      await world.declare([{ selector: host, expect: expected }]);
      await world.scan({ hosts: { [host]: '' } });
      world.wait(24);
      await world.scan({ hosts: seen === 'up' ? { [host]: '' } : {} });
      expect(await world.told()).toEqual(items);
      expect(await world.verify()).toEqual([]);
    });

    test.each([
      ['drift', ['10.0.0.9 host host_unexpected', '10.0.0.9 22/tcp port_unexpected']],
      ['allow', []],
      ['ignore', []],
    ] as const)('that nobody declares, where the policy says %s', async (undeclared, items) => {
      const world = await openTargetWorld(database());
      await world.policy({ undeclaredPorts: undeclared, undeclaredHosts: undeclared });
      await world.scan({ hosts: { '10.0.0.9': '22' } });
      expect(await world.told()).toEqual(items);
    });

    test('that a group names is missed like one that a statement names', async () => {
      const world = await openTargetWorld(database());
      const web = { selector: 'group:web' };
      await world.declare([
        { group: 'web', address: host },
        { ...web, expect: 'present' },
        { ...web, ports: '22/tcp', expect: 'required' },
      ]);
      await world.scan({ hosts: {} });
      expect(await world.told()).toEqual(['10.0.0.1 host host_missing', '10.0.0.1 22/tcp port_missing']);
      expect(await world.verify()).toEqual([]);
    });

    test('that answers on every port is told by its first thousand ports', async () => {
      const world = await openTargetWorld(database());
      await world.declare([{ selector: host, expect: 'optional' }]);
      const open = Array.from({ length: 1100 }, (_, i) => i + 1).join(' ');
      await world.scan({ hosts: { [host]: open }, ports: '1-2000' });
      expect(await world.items({ kinds: ['port_unexpected'] })).toHaveLength(1000);
    });

    test('that two views see differently drifts in one of them', async () => {
      const world = await openTargetWorld(database());
      await world.declare([{ selector: host, view: 'outside', ports: '22/tcp', expect: 'forbidden' }]);
      await world.declare([{ selector: host, view: 'inside', ports: '22/tcp', expect: 'required' }]);
      await world.scan({ by: 'a', hosts: { [host]: '22' } });
      await world.scan({ by: 'z', hosts: { [host]: '22' } });
      const items = await world.items();
      expect(items.map(({ scannerGroupId, kind }) => [scannerGroupId, kind])).toEqual([
        [world.view('outside'), 'port_forbidden'],
      ]);
    });
  });

  describe('two scanners of a view that disagree', () => {
    const both = async (expected: string) => {
      const world = await openTargetWorld(database());
      await world.employ('b', 'inside');
      await world.declare([ssh(expected)]);
      await world.scan({ by: 'a', hosts: { [host]: '22' } });
      await world.scan({ by: 'b', hosts: { [host]: '22:closed' } });
      return world;
    };

    test('leave it unknown whether a required port is fine', async () => {
      const world = await both('required');
      expect(await world.told()).toEqual([]);
      const place = { addressSpaceId: world.spaceId, scannerGroupIds: [world.view('inside')] };
      const { items } = await world.application.drift.unscanned.page(place, { limit: 10, backward: false });
      expect(items.map(({ node }) => node.reason)).toEqual(['scanners_disagree']);
    });

    test('leave no doubt about a forbidden port: it is open to one of them', async () => {
      const world = await both('forbidden');
      expect(await world.told()).toEqual(['10.0.0.1 22/tcp port_forbidden']);
    });

    test('agree again with the next scan of one of them, although it says what it said', async () => {
      const world = await both('required');
      world.wait(48); // Further apart than the agreement window.
      await world.scan({ by: 'a', hosts: { [host]: '22' } });
      const [inside] = await world.application.drift.complianceOf(world.spaceId, host);
      expect(inside).toMatchObject({ verdict: 'compliant', compliant: 1 });
      expect(await world.verify()).toEqual([]);
    });
  });
});
