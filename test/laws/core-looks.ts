import type { Address } from '../../src/core/address.ts';
import { setOfAddresses } from '../../src/core/address-set.ts';
import type { Change } from '../../src/core/change.ts';
import { absentContent, contentOf } from '../../src/core/content.ts';
import { holdsPort, setOfPorts } from '../../src/core/endpoint.ts';
import type { HostLook, Thresholds } from '../../src/core/fold.ts';
import { coversAbsent, type Profile } from '../../src/core/scope.ts';
import { partialProfile, profileOf } from '../../src/core/scope-resolution.ts';
import { foldTimeline, type ScanChange } from '../../src/core/timeline.ts';
import type { Expected } from './oracle.ts';
import { inOrder, instantOf, observe, type Presentation, type ScanPlan } from './world.ts';

/** A look with the digest of its scan, as the timeline wants it. */
export type PlannedLook = HostLook & { readonly digest: string };

/** Scans are numbered by the end of their digest. */
export function scanNumber({ digest }: Pick<ScanPlan, 'digest'>): number {
  return Number(digest.slice(1)) + 1;
}

/** How a complete scan of this plan looks at its hosts. */
export function profileOfPlan(plan: ScanPlan): Profile {
  const scope = {
    addresses: plan.addresses && setOfAddresses(plan.addresses),
    ports: plan.ports && setOfPorts(plan.ports),
    addressOrigin: 'report',
    portOrigin: 'report',
  } as const;
  const profile = profileOf(scope, plan);
  return plan.complete ? profile : partialProfile(profile);
}

/** What the scan says of the address; undefined where it did not look there. */
export function lookOf(
  plan: ScanPlan,
  address: Address,
  presentation: Presentation = 'collapsed',
): PlannedLook | undefined {
  if (plan.addresses?.includes(address) === false) return undefined;
  const host = plan.hosts.find((candidate) => candidate.address === address);
  const whole = profileOfPlan(plan);
  const shared = { scan: scanNumber(plan), at: instantOf(plan), digest: plan.digest };
  if (host === undefined) {
    if (!coversAbsent(whole) || plan.addresses === undefined) return undefined;
    return { ...shared, profile: whole, content: absentContent(whole) };
  }
  const observed = observe(host, plan, presentation);
  const scope = plan.ports && setOfPorts(plan.ports);
  const listed = observed.ports.filter(({ port }) => scope === undefined || holdsPort(scope, port));
  const profile = host.timedOut ? partialProfile(whole) : whole;
  return { ...shared, profile, content: contentOf({ ...observed, ports: listed }, profile) };
}

/** All looks at the address, in the order of the timeline. */
export function looksAt(
  scans: readonly ScanPlan[],
  address: Address,
  presentation: Presentation = 'collapsed',
): PlannedLook[] {
  return inOrder(scans).flatMap((plan) => lookOf(plan, address, presentation) ?? []);
}

/** The history of one address, folded. */
export function foldedAt(
  scans: readonly ScanPlan[],
  address: Address,
  thresholds: Thresholds,
): ReturnType<typeof foldTimeline> {
  return foldTimeline(looksAt(scans, address), thresholds);
}

/** Changes in the words of the oracle, sorted. */
export function told(changes: readonly (ScanChange | Expected)[]): string[] {
  return changes
    .map(({ kind, port, scan, baseline, confirmations, before, after }) =>
      JSON.stringify([
        typeof scan === 'number' ? scan : scanNumber({ digest: scan }),
        kind,
        port,
        baseline,
        confirmations,
        factsOf(before),
        factsOf(after),
      ]),
    )
    .sort();
}

function factsOf(facts: Change['before']) {
  const { state, names, service } = facts ?? {};
  if (service === undefined) return [state, names];
  const { name, product, version, extra, probed } = service;
  return [state, names, name, product, version, extra, probed];
}
