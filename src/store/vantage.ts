import { parseAddress } from '../core/address.ts';
import { holdsPort, type PortKey } from '../core/endpoint.ts';
import { BadInput } from '../core/errors.ts';
import type { HostPlace, Page, PageRequest, Scanner } from '../core/model.ts';
import type { VantageQuestion } from '../core/questions.ts';
import { cellsOf, fitsVantage, type VantageRow } from '../core/vantage.ts';
import { viewEndpoint } from '../core/views.ts';
import { limits } from '../limits.ts';
import type { Reader } from './evidence.ts';
import { type HostSelection, selectHostsOfEndpoints } from './host-selection.ts';
import { compareHosts, type StoredHost, walkHosts } from './host-walk.ts';
import { type CursorFormat, packFields, pageOf, type Stretch, stretchOf, unpackFields } from './page.ts';
import { selectPastHostsOfEndpoints } from './past-selection.ts';
import type { Session } from './session.ts';
import { type GroupOfScanners, groupsInService, openInAny, sideBySide } from './side-by-side.ts';

interface Place extends HostPlace {
  readonly port: PortKey;
}

const cursors: CursorFormat<Place> = {
  format: ({ addressSpaceId, address, port }) => packFields([String(addressSpaceId), address, String(port)]),
  read: (text) => {
    const [space, address, port] = unpackFields(text, [/^\d{1,9}$/, /^[\d.:a-f]{2,45}$/, /^\d{1,6}$/]) ?? [];
    const canonical = address === undefined ? undefined : parseAddress(address);
    if (canonical === undefined) return undefined;
    return { addressSpaceId: Number(space), address: canonical, port: Number(port) };
  },
};

/** A page of the matrix, by address and port. Throws BadInput. */
export async function pageOfVantage(
  reader: Reader,
  question: VantageQuestion,
  request: PageRequest,
): Promise<Page<VantageRow>> {
  const stretch = stretchOf(request, cursors);
  const rows: VantageRow[] = [];
  for await (const some of walkVantage(reader, { question, stretch })) {
    rows.push(...some);
    if (rows.length >= stretch.limit) break;
  }
  return pageOf(
    rows.slice(0, stretch.limit).map((node) => ({ place: node, node })),
    request,
    cursors,
  );
}

/** How many rows the matrix has. Throws BadInput. */
export async function countVantage(reader: Reader, question: VantageQuestion): Promise<number> {
  const stretch = { backward: false, after: undefined, before: undefined, limit: Number.POSITIVE_INFINITY };
  let count = 0;
  for await (const some of walkVantage(reader, { question, stretch })) count += some.length;
  return count;
}

interface Search {
  readonly question: VantageQuestion;
  readonly stretch: Stretch<Place>;
}

async function* walkVantage(reader: Reader, search: Search): AsyncGenerator<VantageRow[]> {
  const { question, stretch } = search;
  const groups = await columnsOf(reader.session, question);
  refuseMissingColumns(question, groups);
  const selection = await selectRows(reader, question, groups);
  const { after, before, backward } = stretch;
  const walk = { selection, isDescending: backward, first: after, last: before, batch: limits.hostBatchMax };
  for await (const hosts of walkHosts(reader.session, walk)) {
    const rows = await rowsOf(reader, { hosts, groups, question });
    const within = rows.filter((row) => isBetween(row, stretch));
    yield backward ? within.sort((a, b) => comparePlaces(b, a)) : within;
  }
}

/** The groups that are columns; one without scanners sees nothing and is left out unless it is asked for. */
async function columnsOf(session: Session, question: VantageQuestion): Promise<GroupOfScanners[]> {
  const groups = await groupsInService(session, question);
  if (question.scannerGroupIds !== undefined) return groups;
  return groups.filter(({ scanners }) => scanners.length > 0);
}

function refuseMissingColumns(question: VantageQuestion, groups: readonly GroupOfScanners[]): void {
  for (const field of ['openIn', 'notOpenIn'] as const) {
    const isShown = question[field]?.every((id) => groups.some((group) => group.id === id)) ?? true;
    if (isShown) continue;
    const said = `"${field}" names a group that is not among the columns`;
    throw new BadInput(`${said}, or has no scanner in service: choose one that is shown`, field);
  }
}

/** Hosts with an open port, as seen from a group where it must be open, if there is one. */
function selectRows(
  { session, asOf }: Reader,
  question: VantageQuestion,
  groups: readonly GroupOfScanners[],
): Promise<HostSelection> {
  const { openIn, notOpenIn: _, scannerGroupIds: __, ...places } = question;
  const [first] = openIn ?? [];
  const scannerGroupIds = first === undefined ? groups.map(({ id }) => id) : [first];
  const filter = { ...places, scannerGroupIds };
  if (asOf !== undefined) return selectPastHostsOfEndpoints(session, filter, asOf);
  return selectHostsOfEndpoints(session, { ...filter, verdicts: ['open'] });
}

async function rowsOf(
  reader: Reader,
  {
    hosts,
    groups,
    question,
  }: { hosts: readonly StoredHost[]; groups: readonly GroupOfScanners[]; question: VantageQuestion },
): Promise<VantageRow[]> {
  const scanners: Scanner[] = groups.flatMap((group) => [...group.scanners]);
  const { ports: wanted } = question;
  const compared = hosts.map((host) => ({
    host,
    ports: (states: Parameters<typeof openInAny>[0]) =>
      openInAny(states).filter((port) => wanted === undefined || holdsPort(wanted, port)),
  }));
  const rows: VantageRow[] = [];
  for (const { host, ports, evidence } of await sideBySide(reader, compared, scanners)) {
    const columns = groups
      .filter(({ addressSpaceId }) => addressSpaceId === host.addressSpaceId)
      .map(({ id, scanners: own }) => ({ id, scannerIds: new Set(own.map((scanner) => scanner.id)) }));
    for (const port of ports) {
      const views = evidence.map((one) => viewEndpoint(port, one));
      const cells = cellsOf(views, columns);
      if (fitsVantage(cells, question)) rows.push({ ...host, port, cells });
    }
  }
  return rows;
}

function isBetween(place: Place, { after, before }: Stretch<Place>): boolean {
  if (after !== undefined && comparePlaces(place, after) <= 0) return false;
  return before === undefined || comparePlaces(place, before) < 0;
}

function comparePlaces(a: Place, b: Place): number {
  return compareHosts(a, b) || a.port - b.port;
}
