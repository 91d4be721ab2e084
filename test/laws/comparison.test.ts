import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Address } from '../../src/core/address.ts';
import { setOfAddresses } from '../../src/core/address-set.ts';
import {
  applyDifference,
  compareFacts,
  compareSights,
  hostChangeOf,
  isDifferent,
  portChangeOf,
} from '../../src/core/compare.ts';
import { commonGround, compareScans, type ScanSights } from '../../src/core/compare-scans.ts';
import { encodeContent, stateOf } from '../../src/core/content.ts';
import { linesOf, noDifferences } from '../../src/core/difference-lines.ts';
import { holdsPort } from '../../src/core/endpoint.ts';
import { factsOf, type HostSight } from '../../src/core/host-facts.ts';
import { propertyRuns } from '../support/property-runs.ts';
import { lookOf, profileOfPlan } from './core-looks.ts';
import { addresses, histories, type Presentation, ports, type ScanPlan } from './world.ts';

const numRuns = propertyRuns(1000);

const scan = histories({ maxLength: 1 }).map((scans) => scans[0] as ScanPlan);

/** A scan as a comparison sees it. */
function sightsOf(plan: ScanPlan, presentation: Presentation = 'collapsed'): ScanSights {
  const profile = profileOfPlan(plan);
  const inside = plan.hosts.filter(({ address }) => plan.addresses?.includes(address) !== false);
  const listed = inside.map(({ address }) => address);
  const covered = plan.complete && plan.addresses !== undefined ? plan.addresses : listed;
  return {
    looks: [{ addresses: setOfAddresses(covered), profile }],
    texts: new Map(
      listed.map((address) => [address, encodeContent(seen(plan, address, presentation).content)]),
    ),
    timedOut: new Set(inside.filter(({ timedOut }) => timedOut).map(({ address }) => address)),
    alike: new Set(),
  };
}

function seen(plan: ScanPlan, address: Address, presentation: Presentation): HostSight {
  const look = lookOf(plan, address, presentation);
  if (look === undefined) throw new Error(`${address} is outside of the scan`);
  return look;
}

describe('law 10: apply(diff(A, B), A) = B', () => {
  test('for every host, whatever both scans looked at', () => {
    fc.assert(
      fc.property(scan, scan, fc.constantFrom(...addresses), (a, b, address) => {
        const [before, after] = [factsOf(lookOf(a, address)), factsOf(lookOf(b, address))];
        const difference = compareFacts(address, before, after);
        const applied = difference === undefined ? before : applyDifference(difference, before);
        expect(applied).toEqual(after);
      }),
      { numRuns },
    );
  });

  test('for whole scans: hosts without a difference are equal, all others become those of B', () => {
    fc.assert(
      fc.property(scan, scan, (a, b) => {
        const scans = [sightsOf(a), sightsOf(b)] as const;
        const found = Array.from(compareScans(...scans), (one) => [one.address, one] as const);
        const differences = new Map(found);
        for (const address of new Set(scans.flatMap(({ texts }) => [...texts.keys()]))) {
          const [before, after] = [factsOf(lookOf(a, address)), factsOf(lookOf(b, address))];
          const difference = differences.get(address);
          expect(difference === undefined ? before : applyDifference(difference, before)).toEqual(after);
        }
      }),
      { numRuns },
    );
  });

  test('a scan does not differ from itself, however its report lists the ports', () => {
    fc.assert(
      fc.property(scan, (plan) => {
        expect([...compareScans(sightsOf(plan, 'collapsed'), sightsOf(plan, 'listed'))]).toEqual([]);
      }),
      { numRuns },
    );
  });

  test('the way back is the mirror image', () => {
    fc.assert(
      fc.property(scan, scan, (a, b) => {
        const mirror = { added: 'removed', removed: 'added' } as const;
        const there = [...compareScans(sightsOf(a), sightsOf(b))];
        const back = [...compareScans(sightsOf(b), sightsOf(a))];
        expect(back.map(({ address }) => address)).toEqual(there.map(({ address }) => address));
        for (const [index, difference] of there.entries()) {
          const other = back[index];
          if (other === undefined || hostChangeOf(difference) !== 'changed') continue;
          expect(isDifferent(other)).toBe(isDifferent(difference));
          const kinds = difference.ports.map((port) => portChangeOf(port, 'changed'));
          const mirrored = kinds.map((kind) =>
            kind === 'added' || kind === 'removed' ? mirror[kind] : kind,
          );
          expect(other.ports.map((port) => portChangeOf(port, 'changed')).sort()).toEqual(mirrored.sort());
        }
      }),
      { numRuns },
    );
  });
});

describe('law 10: what was not looked at', () => {
  test('is never new and never gone', () => {
    fc.assert(
      fc.property(scan, scan, (a, b) => {
        for (const difference of compareScans(sightsOf(a), sightsOf(b))) {
          const { address } = difference;
          const [before, after] = [lookOf(a, address), lookOf(b, address)];
          const host = hostChangeOf(difference);
          if (before === undefined || after === undefined) expect(host).toBe('not_comparable');
          for (const port of difference.ports) {
            if (portChangeOf(port, host) === 'not_comparable' || host !== 'changed') continue;
            for (const key of ports.filter((candidate) => holdsPort(port.ports, candidate))) {
              expect(before && stateOf(before.content, before.profile, key)).toBe(port.before);
              expect(after && stateOf(after.content, after.profile, key)).toBe(port.after);
            }
          }
        }
      }),
      { numRuns },
    );
  });

  test('a partial scan closes nothing and makes no host go away', () => {
    fc.assert(
      fc.property(scan, scan, (a, b) => {
        const counts = noDifferences();
        for (const difference of compareScans(sightsOf(a), sightsOf({ ...b, complete: false }))) {
          const isListed = b.hosts.some(({ address }) => address === difference.address);
          if (!isListed) expect(hostChangeOf(difference)).toBe('not_comparable');
          linesOf(difference, counts);
        }
        expect(counts.portsClosed).toBe(0);
      }),
      { numRuns },
    );
  });

  test('two scans of nothing in common have nothing to compare', () => {
    fc.assert(
      fc.property(scan, scan, (a, b) => {
        const apart = (plan: ScanPlan, own: readonly Address[]) =>
          sightsOf({
            ...plan,
            addresses: own,
            hosts: plan.hosts.filter(({ address }) => own.includes(address)),
          });
        const [one, other] = [apart(a, addresses.slice(0, 2)), apart(b, addresses.slice(2))];
        expect(commonGround(one, other)).toEqual({ addresses: 0n, isComparable: false });
        expect([...compareScans(one, other)].some(isDifferent)).toBe(false);
      }),
      { numRuns },
    );
  });
});

test('a host of which only one side knows anything has a difference', () => {
  fc.assert(
    fc.property(scan, fc.constantFrom(...addresses), (plan, address) => {
      const sight = lookOf(plan, address);
      const difference = compareSights(address, undefined, sight);
      expect(difference === undefined).toBe(sight === undefined);
    }),
    { numRuns },
  );
});
