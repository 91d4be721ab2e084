import { sql } from 'drizzle-orm';
import { parseAddress } from '../core/address.ts';
import type { Host, HostFilter, HostPlace, Page, PageRequest, Scanner } from '../core/model.ts';
import { viewHost } from '../core/views.ts';
import { limits } from '../limits.ts';
import type { Reader } from './evidence.ts';
import { hostKey, readHostsAt } from './host-places.ts';
import { readingsOf, remember } from './host-readings.ts';
import { type HostSelection, selectHosts } from './host-selection.ts';
import { compareHosts, type StoredHost, walkHosts } from './host-walk.ts';
import { type CursorFormat, packFields, pageOf, stretchOf, unpackFields } from './page.ts';
import { selectPastHosts } from './past-selection.ts';
import { scannersInService } from './scanners.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

const cursors: CursorFormat<HostPlace> = {
  format: ({ addressSpaceId, address }) => packFields([String(addressSpaceId), address]),
  read: (text) => {
    const [space, address] = unpackFields(text, [/^\d{1,9}$/, /^[\d.:a-f]{2,45}$/]) ?? [];
    const canonical = address === undefined ? undefined : parseAddress(address);
    return canonical === undefined ? undefined : { addressSpaceId: Number(space), address: canonical };
  },
};

/** A page of hosts in the order of their address spaces and addresses. Throws BadInput. */
export async function pageOfHosts(
  reader: Reader,
  filter: HostFilter,
  request: PageRequest,
): Promise<Page<Host>> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const selection = await selectIn(reader, filter);
  const stored: StoredHost[] = [];
  // The ends of the walk belong to it, the cursors do not belong to the page: up to two hosts more.
  const walk = { selection, isDescending: backward, first: after, last: before, batch: limit + 2 };
  for await (const batch of walkHosts(reader.session, walk)) {
    stored.push(...batch.filter((host) => isBetween(host, { after, before })));
    if (stored.length >= limit) break;
  }
  const hosts = await toHosts(reader, stored.slice(0, limit), selection.scanners);
  return pageOf(
    hosts.map((node) => ({ place: node, node })),
    request,
    cursors,
  );
}

/** Whether a place lies between two others, which are excluded. */
function isBetween(
  place: HostPlace,
  { after, before }: { after: HostPlace | undefined; before: HostPlace | undefined },
): boolean {
  if (after !== undefined && compareHosts(place, after) <= 0) return false;
  return before === undefined || compareHosts(place, before) < 0;
}

/** How many hosts a filter means. Throws BadInput. */
export async function countHosts(reader: Reader, filter: HostFilter): Promise<number> {
  const { session } = reader;
  const selection = await selectIn(reader, filter);
  if (selection.past !== undefined) return countWalked(session, selection);
  const [row] = await session.rows<{ count: number }>(sql`
    /* countHosts */
    select count(*) as count
    from (
      select distinct host_state.address_space_id, host_state.address
      from host_state
      where ${inSpaces(selection)} and ${selection.condition}
    ) as host
  `);
  return row?.count ?? 0;
}

function selectIn({ session, asOf }: Reader, filter: HostFilter): Promise<HostSelection> {
  return asOf === undefined ? selectHosts(session, filter) : selectPastHosts(session, filter, asOf);
}

async function countWalked(session: Session, selection: HostSelection): Promise<number> {
  let count = 0;
  const walk = { selection, isDescending: false, batch: limits.hostBatchMax };
  for await (const hosts of walkHosts(session, walk)) count += hosts.length;
  return count;
}

/** Hosts in the order of the places; undefined where no scanner in service knows one. */
export async function findHosts(reader: Reader, places: readonly HostPlace[]): Promise<(Host | undefined)[]> {
  const [stored, scanners] = await Promise.all([
    readHostsAt(reader.session, places, reader.asOf),
    scannersInService(reader.session),
  ]);
  const hosts = await toHosts(reader, [...stored.values()], scanners);
  const found = new Map(hosts.map((host) => [hostKey(host), host]));
  return places.map((place) => found.get(hostKey(place)));
}

/** Whether a row of `host_state` lies in one of the address spaces. */
export function inSpaces({ spaces }: HostSelection) {
  return sql`host_state.address_space_id = any(${list(spaces, 'integer')})`;
}

async function toHosts(
  reader: Reader,
  stored: readonly StoredHost[],
  scanners: ReadonlyMap<number, Scanner>,
): Promise<Host[]> {
  return (await readingsOf(reader, stored, scanners)).map((reading) => {
    const { addressSpaceId, address, evidence, asOf } = reading;
    const views = evidence.flatMap(({ state, ...rest }) =>
      state === undefined ? [] : [viewHost(state, rest)],
    );
    const host = { addressSpaceId, address, ...(asOf === undefined ? {} : { asOf }), views };
    return remember(host, reading);
  });
}
