import type { Address } from '../core/address.ts';
import { BadInput } from '../core/errors.ts';
import {
  checkPrefix,
  countFleet,
  type FleetCount,
  openStretches,
  periodsOf,
  type Stretch,
} from '../core/fleet.ts';
import { gapsBetween } from '../core/gaps.ts';
import { groupBy } from '../core/group.ts';
import { type ScannerHistory, timelineOf } from '../core/history.ts';
import type { Scanner } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { FleetQuestion, HistoryPlace } from '../core/questions.ts';
import { limits } from '../limits.ts';
import { type PastHost, readPast } from '../store/past-hosts.ts';
import { looksAtPlaces } from '../store/past-looks.ts';
import { readPortHistories, scopeOfPast } from '../store/past-ranges.ts';
import { scannersInService } from '../store/scanners.ts';
import type { Session } from '../store/session.ts';

/**
 * What each scanner in service of its address space saw of each host or endpoint over time, by scanner id, in the order
 * of the places.
 */
export async function historiesOf(
  session: Session,
  places: readonly HistoryPlace[],
  now: Instant,
): Promise<ScannerHistory[][]> {
  const all = await scannersInService(session);
  const histories = new Map<HistoryPlace, ScannerHistory[]>();
  for (const [addressSpaceId, own] of groupBy(places, (place) => place.addressSpaceId)) {
    const scanners = [...all.values()].filter((scanner) => scanner.addressSpaceId === addressSpaceId);
    const scannerIds = scanners.map(({ id }) => id);
    const addresses = [...new Set(own.map(({ address }) => address))];
    const past = groupBy(
      await readPast(session, { addressSpaceId, addresses, scannerIds }),
      ({ address }) => address,
    );
    const looks = await looksAtPlaces(session, { scannerIds, places: own });
    for (const [i, place] of own.entries()) {
      const known = { past: past.get(place.address) ?? [], looks: looks[i] ?? new Map() };
      const told = scanners.map((scanner) => historyBy(scanner, { place, now, ...known }));
      histories.set(
        place,
        told.filter((history) => history !== undefined),
      );
    }
  }
  return places.map((place) => histories.get(place) ?? []);
}

interface Known {
  readonly place: HistoryPlace;
  readonly now: Instant;
  /** Of the host, by any scanner. */
  readonly past: readonly PastHost[];
  readonly looks: ReadonlyMap<number, readonly Instant[]>;
}

/** Undefined where the scanner never looked there. */
function historyBy(
  { id, expectEverySeconds }: Scanner,
  { place, now, past, looks }: Known,
): ScannerHistory | undefined {
  const own = past.find(({ scannerId }) => scannerId === id);
  const times = looks.get(id) ?? [];
  const [first] = times;
  const last = times.at(-1);
  if (own === undefined && first === undefined) return undefined;
  const expectEveryMs = expectEverySeconds === undefined ? undefined : expectEverySeconds * 1000;
  return {
    scannerId: id,
    ...(own?.base === undefined ? {} : { begins: own.base.at }),
    entries: timelineOf([...(own?.settled ?? []), ...(own?.entries ?? [])], place.port),
    looks: times.length,
    ...(first === undefined ? {} : { firstLookAt: first }),
    ...(last === undefined ? {} : { lastLookAt: last }),
    gaps: gapsBetween(times, { expectEveryMs, now }),
  };
}

/** How many addresses had one of the ports open, by period and network, whichever scanner saw it. Throws BadInput. */
export async function fleetCounts(session: Session, question: FleetQuestion): Promise<FleetCount[]> {
  const { ports, from, to, period, prefix } = question;
  if (from > to) throw new BadInput('The first moment is after the second: exchange them', 'from');
  if (prefix !== undefined) checkPrefix(prefix);
  const periods = periodsOf(period, { from, to });
  if (periods.length > limits.fleetPeriodsMax) {
    const said = `From "from" to "to" there are ${periods.length} periods`;
    throw new BadInput(`${said}: ask for at most ${limits.fleetPeriodsMax}, or for longer ones`, 'period');
  }
  const { spaces, condition } = await scopeOfPast(session, question, from);
  const stretches: [Address, Stretch[]][] = [];
  for (const space of spaces) {
    const byAddress = new Map<Address, Stretch[]>();
    for (const { address, entries, base } of await readPortHistories(session, space, {
      ports,
      to,
      condition,
    })) {
      const own = openStretches(entries, ports, base?.state);
      byAddress.set(address, [...(byAddress.get(address) ?? []), ...own]);
    }
    stretches.push(...byAddress);
  }
  return countFleet(stretches, { periods, prefix });
}
