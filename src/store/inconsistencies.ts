import { type SQL, sql } from 'drizzle-orm';
import { type Address, parseAddress } from '../core/address.ts';
import { addressesOfFilter } from '../core/address-filter.ts';
import { holdsPort } from '../core/endpoint.ts';
import { inconsistenciesOf } from '../core/inconsistency.ts';
import type { Page, PageRequest } from '../core/model.ts';
import type { InconsistencyFilter, LocatedInconsistency } from '../core/questions.ts';
import { limits } from '../limits.ts';
import { inet, isInside } from './address-conditions.ts';
import type { Reader } from './evidence.ts';
import { compareHosts, type StoredHost } from './host-walk.ts';
import {
  allOf,
  type CursorFormat,
  directionOf,
  packFields,
  pageOf,
  type Stretch,
  stretchOf,
  unpackFields,
} from './page.ts';
import type { Session } from './session.ts';
import { type GroupOfScanners, groupsInService, openInAny, sideBySide } from './side-by-side.ts';
import { list } from './statement.ts';

interface Place {
  readonly groupId: number;
  readonly address: Address;
  /** -1 where it is about the host. */
  readonly port: number;
}

const cursors: CursorFormat<Place> = {
  format: ({ groupId, address, port }) => packFields([String(groupId), address, String(port)]),
  read: (text) => {
    const [group, address, port] =
      unpackFields(text, [/^\d{1,9}$/, /^[\d.:a-f]{2,45}$/, /^-?\d{1,6}$/]) ?? [];
    const canonical = address === undefined ? undefined : parseAddress(address);
    return canonical === undefined
      ? undefined
      : { groupId: Number(group), address: canonical, port: Number(port) };
  },
};

/** A page of what scanners of one group disagree about, by group, address and port. Throws BadInput. */
export async function pageOfInconsistencies(
  reader: Reader,
  filter: InconsistencyFilter,
  request: PageRequest,
): Promise<Page<LocatedInconsistency>> {
  const stretch = stretchOf(request, cursors);
  const found: LocatedInconsistency[] = [];
  for await (const some of walkInconsistencies(reader, { filter, stretch })) {
    found.push(...some);
    if (found.length >= stretch.limit) break;
  }
  return pageOf(
    found.slice(0, stretch.limit).map((node) => ({ place: placeOf(node), node })),
    request,
    cursors,
  );
}

/** How many there are. Throws BadInput. */
export async function countInconsistencies(reader: Reader, filter: InconsistencyFilter): Promise<number> {
  const stretch = { backward: false, after: undefined, before: undefined, limit: Number.POSITIVE_INFINITY };
  let count = 0;
  for await (const some of walkInconsistencies(reader, { filter, stretch })) count += some.length;
  return count;
}

interface Search {
  readonly filter: InconsistencyFilter;
  readonly stretch: Stretch<Place>;
}

async function* walkInconsistencies(reader: Reader, search: Search): AsyncGenerator<LocatedInconsistency[]> {
  const { filter, stretch } = search;
  const { after, before, backward } = stretch;
  const groups = (await groupsInService(reader.session, filter)).filter(
    ({ scanners }) => scanners.length > 1,
  );
  for (const group of backward ? groups.reverse() : groups) {
    if (group.id < (after?.groupId ?? group.id) || group.id > (before?.groupId ?? group.id)) continue;
    let low = after?.groupId === group.id ? after.address : undefined;
    let high = before?.groupId === group.id ? before.address : undefined;
    for (let excluded: Address | undefined; ; ) {
      const bounds = boundsOf({ low, high, excluded });
      const hosts = await readCandidates(reader.session, { group, filter, bounds, backward });
      yield await inconsistenciesIn(reader, { hosts, group, search });
      if (hosts.length < limits.hostBatchMax) break;
      excluded = hosts.at(-1)?.address;
      if (backward) high = excluded;
      else low = excluded;
    }
  }
}

function boundsOf(bounds: Readonly<Record<'low' | 'high' | 'excluded', Address | undefined>>): SQL {
  const { low, high, excluded } = bounds;
  return allOf([
    low === undefined ? undefined : sql`host_state.address >= ${inet(low)}`,
    high === undefined ? undefined : sql`host_state.address <= ${inet(high)}`,
    excluded === undefined ? undefined : sql`host_state.address <> ${inet(excluded)}`,
  ]);
}

/** Hosts of which the group's scanners do not keep the same: the rules decide what that means. */
async function readCandidates(
  session: Session,
  {
    group,
    filter,
    bounds,
    backward,
  }: { group: GroupOfScanners; filter: InconsistencyFilter; bounds: SQL; backward: boolean },
): Promise<StoredHost[]> {
  const scannerIds = list(
    group.scanners.map(({ id }) => id),
    'integer',
  );
  const { addressSpaceId } = group;
  const direction = directionOf(backward);
  const rows = await session.rows<{ address: Address; scannerId: number; state: string }>(sql`
    /* inconsistencyCandidates */
    with candidate as materialized (
      select host_state.address
      from host_state
      where ${allOf([
        sql`host_state.address_space_id = ${addressSpaceId}`,
        sql`host_state.scanner_id = any(${scannerIds})`,
        isInside(sql`host_state.address`, addressesOfFilter(filter)),
        bounds,
      ])}
      group by host_state.address
      having bool_or(host_state.status = 'up')
        and (
          count(*) < ${group.scanners.length}
          or count(distinct (host_state.status, host_state.open, host_state.open_ranges)) > 1
        )
      order by host_state.address ${direction}
      limit ${limits.hostBatchMax}
    )
    select host(host_state.address) as address, host_state.scanner_id as "scannerId", host_state.state
    from candidate
    join host_state
      on host_state.address_space_id = ${addressSpaceId}
      and host_state.address = candidate.address
    where host_state.scanner_id = any(${scannerIds})
    order by host_state.address ${direction}, host_state.scanner_id
  `);
  const hosts = new Map<Address, { scannerId: number; state: string }[]>();
  for (const { address, ...state } of rows) hosts.set(address, [...(hosts.get(address) ?? []), state]);
  return Array.from(hosts, ([address, states]) => ({ addressSpaceId, address, states }));
}

async function inconsistenciesIn(
  reader: Reader,
  { hosts, group, search }: { hosts: readonly StoredHost[]; group: GroupOfScanners; search: Search },
): Promise<LocatedInconsistency[]> {
  const { filter, stretch } = search;
  const compared = hosts.map((host) => ({ host, ports: openInAny }));
  const windowMs = group.agreementWindowSeconds * 1000;
  const found = (await sideBySide(reader, compared, group.scanners)).flatMap(({ host, ports, evidence }) =>
    inconsistenciesOf(evidence, { ports, windowMs })
      .filter(
        ({ port }) => filter.ports === undefined || (port !== undefined && holdsPort(filter.ports, port)),
      )
      .map((inconsistency) => ({ ...inconsistency, ...host, groupId: group.id })),
  );
  const within = found.filter((one) => isBetween(placeOf(one), stretch));
  return stretch.backward ? within.sort((a, b) => -comparePlaces(placeOf(a), placeOf(b))) : within;
}

function placeOf({ groupId, address, port }: LocatedInconsistency): Place {
  return { groupId, address, port: port ?? -1 };
}

function isBetween(place: Place, { after, before }: Stretch<Place>): boolean {
  if (after !== undefined && comparePlaces(place, after) <= 0) return false;
  return before === undefined || comparePlaces(place, before) < 0;
}

function comparePlaces(a: Place, b: Place): number {
  const inOneSpace = (place: Place) => ({ addressSpaceId: 0, address: place.address });
  return a.groupId - b.groupId || compareHosts(inOneSpace(a), inOneSpace(b)) || a.port - b.port;
}
