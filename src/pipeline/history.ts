import type { Address } from '../core/address.ts';
import { BadInput } from '../core/errors.ts';
import { countFleet, type FleetCount, openStretches, periodsOf, type Stretch } from '../core/fleet.ts';
import { gapsBetween } from '../core/gaps.ts';
import { type ScannerHistory, timelineOf } from '../core/history.ts';
import type { Instant } from '../core/observation.ts';
import type { FleetQuestion, HistoryPlace } from '../core/questions.ts';
import { limits } from '../limits.ts';
import { readPast } from '../store/past-hosts.ts';
import { looksAtPlace } from '../store/past-looks.ts';
import { readPortHistories, scopeOfPast } from '../store/past-ranges.ts';
import { allScanners } from '../store/scanners.ts';
import type { Session } from '../store/session.ts';

/** What each scanner in service of the address space saw of a host or endpoint over time, by scanner id. */
export async function historyOf(
  session: Session,
  { addressSpaceId, address, port }: HistoryPlace,
  now: Instant,
): Promise<ScannerHistory[]> {
  const scanners = (await allScanners(session)).filter(
    (scanner) => scanner.retiredAt === undefined && scanner.addressSpaceId === addressSpaceId,
  );
  const scannerIds = scanners.map(({ id }) => id);
  const past = await readPast(session, { addressSpaceId, addresses: [address], scannerIds });
  const looks = await looksAtPlace(session, { scannerIds, address, port });
  return scanners.flatMap(({ id, expectEverySeconds }) => {
    const own = past.find(({ scannerId }) => scannerId === id);
    const times = looks.get(id) ?? [];
    const [first] = times;
    const last = times.at(-1);
    if (own === undefined && first === undefined) return [];
    const expectEveryMs = expectEverySeconds === undefined ? undefined : expectEverySeconds * 1000;
    return [
      {
        scannerId: id,
        ...(own?.base === undefined ? {} : { begins: own.base.at }),
        entries: timelineOf([...(own?.settled ?? []), ...(own?.entries ?? [])], port),
        looks: times.length,
        ...(first === undefined ? {} : { firstLookAt: first }),
        ...(last === undefined ? {} : { lastLookAt: last }),
        gaps: gapsBetween(times, { expectEveryMs, now }),
      },
    ];
  });
}

/** How many addresses had one of the ports open, by period and network, whichever scanner saw it. Throws BadInput. */
export async function fleetCounts(session: Session, question: FleetQuestion): Promise<FleetCount[]> {
  const { ports, from, to, period, prefix } = question;
  if (from > to) throw new BadInput('The first moment is after the second: exchange them', 'from');
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
