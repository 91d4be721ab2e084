import { sql } from 'drizzle-orm';
import { type Address, compareAddresses, parseAddress } from '../core/address.ts';
import { addressesOfFilter } from '../core/address-filter.ts';
import { holdsAddress } from '../core/address-set.ts';
import { agree } from '../core/agreement.ts';
import { holdsPort, type PortKey } from '../core/endpoint.ts';
import type { EndpointVerdict, Page, PageRequest, Scanner } from '../core/model.ts';
import type { TwinFilter } from '../core/questions.ts';
import { compareTwins, type TwinCheck, type TwinPair } from '../core/twins.ts';
import { viewEndpoint } from '../core/views.ts';
import { limits } from '../limits.ts';
import type { Reader } from './evidence.ts';
import { hostKey, readHostsAt } from './host-places.ts';
import { type CursorFormat, packFields, pageOf, stretchOf, unpackFields } from './page.ts';
import type { Session } from './session.ts';
import { groupsInService, openInAny, type SideBySide, sideBySide } from './side-by-side.ts';
import { list } from './statement.ts';

interface Place {
  readonly addressSpaceId: number;
  readonly v6: Address;
  readonly v4: Address;
}

const cursors: CursorFormat<Place> = {
  format: ({ addressSpaceId, v6, v4 }) => packFields([String(addressSpaceId), v6, v4]),
  read: (text) => {
    const [space, v6, v4] = unpackFields(text, [/^\d{1,9}$/, /^[\d.:a-f]{2,45}$/, /^[\d.]{7,15}$/]) ?? [];
    const canonical = { v6: parseAddress(v6 ?? ''), v4: parseAddress(v4 ?? '') };
    if (canonical.v6 === undefined || canonical.v4 === undefined) return undefined;
    return { addressSpaceId: Number(space), v6: canonical.v6, v4: canonical.v4 };
  },
};

/** A page of twins that differ, by their IPv6 addresses. Throws BadInput. */
export async function pageOfTwins(
  reader: Reader,
  filter: TwinFilter,
  request: PageRequest,
): Promise<Page<TwinCheck>> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const scanners = await scannersOf(reader, filter);
  const pairs = (await pairsOf(reader.session, filter, scanners)).filter(
    (pair) =>
      (after === undefined || comparePlaces(pair, after) > 0) &&
      (before === undefined || comparePlaces(pair, before) < 0),
  );
  if (backward) pairs.reverse();
  const found: TwinCheck[] = [];
  for await (const checks of checkPairs(reader, { pairs, filter, scanners })) {
    found.push(...checks);
    if (found.length >= limit) break;
  }
  return pageOf(
    found.slice(0, limit).map((node) => ({ place: node, node })),
    request,
    cursors,
  );
}

/** How many pairs of twins there are that differ. Throws BadInput. */
export async function countTwins(reader: Reader, filter: TwinFilter): Promise<number> {
  const scanners = await scannersOf(reader, filter);
  const pairs = await pairsOf(reader.session, filter, scanners);
  let count = 0;
  for await (const checks of checkPairs(reader, { pairs, filter, scanners })) count += checks.length;
  return count;
}

async function scannersOf({ session }: Reader, filter: TwinFilter): Promise<Scanner[]> {
  return (await groupsInService(session, filter)).flatMap(({ scanners }) => [...scanners]);
}

async function pairsOf(
  session: Session,
  filter: TwinFilter,
  scanners: readonly Scanner[],
): Promise<TwinPair[]> {
  const addresses = addressesOfFilter(filter);
  const pairs = await readPairs(
    session,
    scanners.map(({ id }) => id),
  );
  return pairs
    .filter(
      ({ v4, v6 }) => addresses === undefined || holdsAddress(addresses, v4) || holdsAddress(addresses, v6),
    )
    .sort(comparePlaces);
}

/** Addresses of different families with a common name or MAC; what many hosts share (`localhost`) joins nobody. */
function readPairs(session: Session, scannerIds: readonly number[]): Promise<TwinPair[]> {
  return session.rows<TwinPair>(sql`
    /* twinPairs */
    with known as materialized (
      select
        host_state.address_space_id,
        host_state.address,
        family(host_state.address) as family,
        host_state.names,
        substring(host_state.state from '"m":"([^"]+)"') as mac
      from host_state
      where host_state.scanner_id = any(${list(scannerIds, 'integer')}) and host_state.status = 'up'
    ), mark as materialized (
      select distinct known.address_space_id, known.address, known.family, 'name' as kind, lower(single.name) as mark
      from known cross join lateral unnest(known.names) as single (name)
      union
      select distinct address_space_id, address, family, 'mac', lower(mac) from known where mac is not null
    ), telling as materialized (
      select address_space_id, kind, mark
      from mark
      group by address_space_id, kind, mark
      having count(distinct family) = 2 and count(distinct address) <= ${limits.twinsOfMarkMax}
    )
    select
      v4.address_space_id as "addressSpaceId",
      host(v4.address) as v4,
      host(v6.address) as v6,
      coalesce(array_agg(v4.mark order by v4.mark) filter (where v4.kind = 'name'), '{}') as names,
      coalesce(array_agg(v4.mark order by v4.mark) filter (where v4.kind = 'mac'), '{}') as macs
    from telling
    join mark as v4 using (address_space_id, kind, mark)
    join mark as v6 using (address_space_id, kind, mark)
    where v4.family = 4 and v6.family = 6
    group by v4.address_space_id, v4.address, v6.address
    order by v4.address_space_id, v6.address, v4.address
    limit ${limits.twinPairsMax}
  `);
}

interface Checking {
  readonly pairs: readonly TwinPair[];
  readonly filter: TwinFilter;
  readonly scanners: readonly Scanner[];
}

/** The checks that are wanted, in the order of the pairs, some at a time. */
async function* checkPairs(
  reader: Reader,
  { pairs, filter, scanners }: Checking,
): AsyncGenerator<TwinCheck[]> {
  for (let start = 0; start < pairs.length; ) {
    const space = pairs[start]?.addressSpaceId;
    const batch = pairs
      .slice(start, start + limits.pageItemsMax)
      .filter(({ addressSpaceId }) => addressSpaceId === space);
    start += batch.length;
    const own = scanners.filter(({ addressSpaceId }) => addressSpaceId === space);
    const checks = await checkTogether(reader, { pairs: batch, filter, scanners: own });
    yield checks.filter(({ differences }) => filter.includeEqual || differences.length > 0);
  }
}

/** Pairs of one address space. */
async function checkTogether(reader: Reader, { pairs, filter, scanners }: Checking): Promise<TwinCheck[]> {
  const places = pairs.flatMap(({ addressSpaceId, v4, v6 }) => [
    { addressSpaceId, address: v4 },
    { addressSpaceId, address: v6 },
  ]);
  const stored = await readHostsAt(reader.session, places, reader.asOf);
  const hosts = places.map((place) => stored.get(hostKey(place)) ?? { ...place, states: [] });
  const opened = await sideBySide(
    reader,
    hosts.map((host) => ({ host, ports: openInAny })),
    scanners,
  );
  const portsOf = (pair: number) =>
    [...new Set([...(opened[2 * pair]?.ports ?? []), ...(opened[2 * pair + 1]?.ports ?? [])])].filter(
      (port) => filter.ports === undefined || holdsPort(filter.ports, port),
    );
  const ports = pairs.map((_, i) => portsOf(i));
  const sides = await sideBySide(
    reader,
    hosts.map((host, i) => ({ host, ports: () => ports[Math.floor(i / 2)] ?? [] })),
    scanners,
  );
  return pairs.map((pair, i) => {
    const [v4, v6] = [sides[2 * i], sides[2 * i + 1]];
    const verdicts = (ports[i] ?? []).map(
      (port) => [port, { v4: verdictOn(v4, port), v6: verdictOn(v6, port) }] as const,
    );
    return compareTwins(pair, new Map(verdicts));
  });
}

function verdictOn(side: SideBySide | undefined, port: PortKey): EndpointVerdict {
  return agree((side?.evidence ?? []).map((one) => viewEndpoint(port, one).verdict));
}

function comparePlaces(a: Place, b: Place): number {
  return a.addressSpaceId - b.addressSpaceId || compareAddresses(a.v6, b.v6) || compareAddresses(a.v4, b.v4);
}
