import type { Address } from '../core/address.ts';
import { type AddressSet, setOfAddresses } from '../core/address-set.ts';
import { indexTarget } from '../core/expectation.ts';
import { bigintLine, normalise } from '../core/intervals.ts';
import type { Instant } from '../core/observation.ts';
import type { Selector } from '../core/target.ts';
import type { DriftImpact } from '../core/target-model.ts';
import type { Session } from '../store/session.ts';
import { groupsInService } from '../store/side-by-side.ts';
import { type AssessCounts, countStep, judgeInBatches, noCounts } from './assess.ts';
import { assessingOf, hostsIn } from './drift.ts';
import type { LoadedTarget } from './target-cache.ts';

/** A target as it would be, and where it differs. */
export interface Impact {
  readonly before: LoadedTarget | undefined;
  readonly after: Omit<LoadedTarget, 'index'>;
  /** Undefined for everywhere. */
  readonly within: AddressSet | undefined;
  readonly now: Instant;
}

/** What would become of drift; writes nothing. */
export async function impactOf(session: Session, impact: Impact): Promise<DriftImpact> {
  const { after, within, now } = impact;
  const index = indexTarget(after);
  const counts = noCounts();
  if (within?.length === 0) return impactFrom(counts);
  const views = await groupsInService(session, { addressSpaceIds: [after.addressSpaceId] });
  for (const view of views.filter(({ scanners }) => scanners.length > 0)) {
    const assessing = assessingOf(session, {
      target: { index },
      view,
      origin: { at: now, cause: 'target_change' },
    });
    const addresses = await hostsIn(session, { view, index, within });
    for await (const judged of judgeInBatches(assessing, addresses)) {
      for (const { steps } of judged) for (const step of steps) countStep(counts, step);
    }
    counts.assessed += addresses.length;
  }
  return impactFrom(counts);
}

/** What assessing came to, as a plan says it. */
export function impactFrom({ assessed, opened, resolved, resolvedForbidden }: AssessCounts): DriftImpact {
  return { wouldOpen: opened, wouldResolve: resolved, wouldHideForbidden: resolvedForbidden, assessed };
}

/** Where the effective expectations may differ; undefined for everywhere. */
export function placesOf(
  selectors: Iterable<Selector>,
  { groups, addresses }: { groups: ReadonlyMap<Address, readonly string[]>; addresses: Iterable<Address> },
): AddressSet | undefined {
  const hosts = new Set(addresses);
  const networks: { first: bigint; last: bigint }[] = [];
  const named = new Set<string>();
  for (const selector of selectors) {
    if (selector.kind === 'all') return undefined;
    if (selector.kind === 'host') hosts.add(selector.address);
    else if (selector.kind === 'group') named.add(selector.name);
    else networks.push({ first: selector.first, last: selector.last });
  }
  if (named.size > 0) {
    for (const [address, own] of groups) if (own.some((group) => named.has(group))) hosts.add(address);
  }
  return normalise(bigintLine, [...networks, ...setOfAddresses(hosts)]);
}
