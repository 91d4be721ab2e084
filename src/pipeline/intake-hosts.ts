import { type Address, positionOf } from '../core/address.ts';
import { type AddressSet, readAddressSet } from '../core/address-set.ts';
import { absentContent } from '../core/content.ts';
import { countPorts, holdsPort, type PortSet, readPortSet, unionOfPorts } from '../core/endpoint.ts';
import type { CoveredBefore } from '../core/fold.ts';
import { contains } from '../core/intervals.ts';
import type { HostObservation } from '../core/observation.ts';
import { coversAbsent, type Profile } from '../core/scope.ts';
import { limits } from '../limits.ts';
import { type FoldingContext, type Item, itemOf, type LookIntake } from './intake-item.ts';
import { absentDigest, type Known, unpackKnown } from './intake-known.ts';
import { foldLate, type Histories, openHistories } from './intake-late.ts';
import type { IntakeStore, Plan } from './intake-messages.ts';
import { foldNewest } from './intake-newest.ts';
import { newRowCollector } from './intake-rows.ts';
import type { Tally } from './intake-tally.ts';

/** Takes in hosts one after the other, compares them with what is known, and writes what is new. */
export interface HostIntake {
  /** Whether a record with this digest is known, so that it need not be read. Counts it. */
  skips(recordDigest: string): boolean;
  /** Takes a host; false where the address came before. */
  add(host: HostObservation, recordDigest: string): boolean;
  /** Works off what was added, once enough has come together. */
  settle(): Promise<void>;
  /** Works off the rest, and the hosts that the report does not list. */
  finish(): Promise<void>;
  /** What was looked at: the addresses under each profile. */
  looked(): {
    readonly profileId: number;
    readonly addresses: Set<Address>;
    readonly scope: AddressSet | undefined;
  }[];
}

/** The intake of the hosts of one scan, once its looks are known. */
export function openHostIntake(
  plan: Plan,
  scopes: readonly Pick<LookIntake, 'addresses' | 'ports' | 'profile' | 'partial'>[],
  {
    request,
    store,
    tally,
    prefetch,
  }: Pick<FoldingContext, 'request' | 'store' | 'tally'> & { prefetch: boolean },
): HostIntake {
  const looks = scopes.map((scope, index): LookIntake => {
    const own = plan.looks[index] as Plan['looks'][number];
    const isComplete = (scope.addresses !== undefined && scope.profile.complete) || prefetch;
    return {
      ...scope,
      profileId: own.profileId,
      partialId: own.partialId,
      known: unpackKnown(own.known),
      isComplete,
    };
  });
  const context: FoldingContext = {
    request,
    store,
    tally,
    rows: newRowCollector(request.owner, request.receivedAt),
    coveredBefore: coverageReader(plan.coverage),
  };
  const histories = plan.timeline === undefined ? undefined : openHistories(plan.timeline, profilesOf(looks));
  return intakeOf(looks, context, histories);
}

function profilesOf(looks: readonly LookIntake[]): Map<number, Profile> {
  return new Map(
    looks.flatMap(({ profile, profileId, partial, partialId }): [number, Profile][] => [
      [profileId, profile],
      [partialId, partial],
    ]),
  );
}

function intakeOf(
  looks: readonly LookIntake[],
  context: FoldingContext,
  histories: Histories | undefined,
): HostIntake {
  const { tally, request } = context;
  const seen = new Set<Address>();
  const partials = looks.map(() => new Set<Address>());
  const fulls = looks.map(() => new Set<Address>());
  const byRecord = indexRecords(looks, request.late || !request.assumptions.skipKnown);
  let batch: Item[] = [];
  const work = async (items: readonly Item[]) => {
    if (histories === undefined) await foldNewest(items, context);
    else await foldLate(items, context, histories);
    const rows = context.rows.take();
    if (rows !== undefined) await context.store.write(rows);
  };
  const flush = async (least: number) => {
    while (batch.length >= least && batch.length > 0) {
      const items = batch.slice(0, limits.intakeBatchMax);
      batch = batch.slice(limits.intakeBatchMax);
      await work(await withKnown(items, looks, context.store));
    }
  };
  return {
    skips(recordDigest) {
      const found = byRecord.get(recordDigest);
      if (found === undefined || seen.has(found.known.address)) return false;
      seen.add(found.known.address);
      fulls[found.look]?.add(found.known.address);
      tallyHost(tally, found.known);
      tally.hostsUnchanged += 1;
      return true;
    },
    add(host, recordDigest) {
      if (seen.has(host.address)) return false;
      const index = lookOf(looks, host.address);
      const look = looks[index];
      if (look === undefined) {
        tally.hostsOutside += 1;
        return true;
      }
      seen.add(host.address);
      (host.timedOut ? partials : fulls)[index]?.add(host.address);
      const item = itemOf(restrictPorts(host, look.ports, tally), look, recordDigest);
      tallyHost(tally, { up: item.content.status === 'up', openPorts: countPorts(item.content.open) });
      batch.push(item);
      return true;
    },
    settle: () => flush(limits.intakeBatchMax),
    async finish() {
      await flush(1);
      for (const look of looks) {
        for (const item of absentItems(look, seen)) {
          batch.push(item);
          await flush(limits.intakeBatchMax);
        }
        await flush(1);
      }
    },
    looked: () => lookedAt(looks, fulls, partials),
  };
}

function lookedAt(looks: readonly LookIntake[], fulls: Set<Address>[], partials: Set<Address>[]) {
  return looks.flatMap((look, index) => {
    const addresses = fulls[index] ?? new Set<Address>();
    const partial = partials[index] ?? new Set<Address>();
    const scope = coversAbsent(look.profile) ? look.addresses : undefined;
    const full = { profileId: look.profileId, addresses, scope };
    return partial.size === 0
      ? [full]
      : [full, { profileId: look.partialId, addresses: partial, scope: undefined }];
  });
}

function tallyHost(tally: Tally, { up, openPorts }: { up: boolean; openPorts: number }): void {
  tally.hostsListed += 1;
  if (up) tally.hostsUp += 1;
  tally.endpointsOpen += openPorts;
}

/** Known records that say nothing new: their hosts need not even be read. */
function indexRecords(
  looks: readonly LookIntake[],
  isOff: boolean,
): Map<string, { known: Known; look: number }> {
  const records = new Map<string, { known: Known; look: number }>();
  if (isOff) return records;
  for (const [look, { known: hosts }] of looks.entries()) {
    for (const known of hosts.values()) {
      if (known.recordDigest !== '' && !known.mustFold) records.set(known.recordDigest, { known, look });
    }
  }
  return records;
}

function lookOf(looks: readonly LookIntake[], address: Address): number {
  const position = positionOf(address);
  return looks.findIndex(({ addresses }) => addresses === undefined || contains(addresses, position));
}

/** Open ports outside the scope are left out: nothing outside a scan's scope changes. */
function restrictPorts(host: HostObservation, scope: PortSet | undefined, tally: Tally): HostObservation {
  if (scope === undefined || host.ports.every(({ port }) => holdsPort(scope, port))) return host;
  const ports = host.ports.filter(({ port }) => holdsPort(scope, port));
  tally.portsOutside += host.ports.filter(
    ({ port, state }) => state === 'open' && !holdsPort(scope, port),
  ).length;
  return { ...host, ports };
}

/** Hosts that are known in the scope of a complete look and that the report does not list. */
function* absentItems(
  { profile, profileId, known, addresses }: LookIntake,
  seen: ReadonlySet<Address>,
): Generator<Item> {
  if (!coversAbsent(profile) || addresses === undefined) return;
  const content = absentContent(profile);
  for (const host of known.values()) {
    if (seen.has(host.address)) continue;
    yield {
      address: host.address,
      profile,
      profileId,
      content,
      text: '',
      digest: absentDigest,
      recordDigest: '',
      reason: undefined,
      observedAt: undefined,
      known: host,
    };
  }
}

/** Fills in what is known where it was not fetched beforehand. */
async function withKnown(
  items: readonly Item[],
  looks: readonly LookIntake[],
  store: IntakeStore,
): Promise<readonly Item[]> {
  const fetched = new Set(looks.filter(({ isComplete }) => isComplete).map(({ profileId }) => profileId));
  const open = new Set(items.map(({ profileId }) => profileId).filter((id) => !fetched.has(id)));
  if (open.size === 0) return items;
  const known = new Map<number, Map<Address, Known>>();
  for (const id of open) {
    const addresses = items.filter(({ profileId }) => profileId === id).map(({ address }) => address);
    known.set(id, unpackKnown(await store.known(id, addresses)));
  }
  return items.map((item) => ({
    ...item,
    known: item.known ?? known.get(item.profileId)?.get(item.address),
  }));
}

/** What complete scans covered before, for each address; equal answers are shared. */
function coverageReader(rows: Plan['coverage']): (address: Address) => CoveredBefore {
  const areas = rows.map(({ ranges, ports, status }) => {
    const addresses = readAddressSet(ranges === '' ? [] : ranges.split(','));
    const covered = ports === '' ? undefined : readPortSet(ports);
    return {
      addresses: addresses.ok ? addresses.addresses : [],
      ports: covered?.ok ? covered.ports : [],
      status,
    };
  });
  const answers = new Map<string, CoveredBefore>();
  return (address) => {
    const position = positionOf(address);
    const own = areas.filter(({ addresses }) => contains(addresses, position));
    const key = own.map((area) => areas.indexOf(area)).join(',');
    let answer = answers.get(key);
    if (answer === undefined) {
      const ports = own.reduce<PortSet>((all, area) => unionOfPorts(all, area.ports), []);
      answer = { host: own.some(({ status }) => status), ports };
      answers.set(key, answer);
    }
    return answer;
  };
}
