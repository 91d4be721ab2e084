import { parseAddress } from '../core/address.ts';
import { agree } from '../core/agreement.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { EndpointPlace, EndpointRecord, Scanner } from '../core/model.ts';
import { type Evidence, viewEndpoint } from '../core/views.ts';
import type { DecodedHost } from './endpoint-candidates.ts';
import { addContents, gatherEvidence, type HostEvidence, type Reader } from './evidence.ts';
import { compareHosts } from './host-walk.ts';
import { type CursorFormat, packFields, type Stretch, unpackFields } from './page.ts';

/** Cursors of lists of endpoints. */
export const endpointCursors: CursorFormat<EndpointPlace> = {
  format: ({ addressSpaceId, address, port }) => packFields([String(addressSpaceId), address, String(port)]),
  read: (text) => {
    const patterns = [/^\d{1,9}$/, /^[\d.:a-f]{2,45}$/, /^\d{1,6}$/];
    const [space, address, port] = unpackFields(text, patterns) ?? [];
    const canonical = address === undefined ? undefined : parseAddress(address);
    if (canonical === undefined) return undefined;
    return { addressSpaceId: Number(space), address: canonical, port: Number(port) };
  },
};

/** Whether an endpoint lies between the cursors of a page. */
export function isBetween(place: EndpointPlace, { after, before }: Stretch<EndpointPlace>): boolean {
  if (after !== undefined && comparePlaces(place, after) <= 0) return false;
  return before === undefined || comparePlaces(place, before) < 0;
}

function comparePlaces(a: EndpointPlace, b: EndpointPlace): number {
  return compareHosts(a, b) || a.port - b.port;
}

/** Some endpoints of each host, as the scanners see them. */
export async function toRecords(
  reader: Reader,
  candidates: readonly { readonly host: DecodedHost; readonly ports: readonly PortKey[] }[],
  scanners: ReadonlyMap<number, Scanner>,
): Promise<EndpointRecord[]> {
  if (candidates.length === 0) return [];
  const evidence = await gatherEvidence(
    reader,
    candidates.map(({ host }) => host),
    scanners,
  );
  const found: HostEvidence[] = candidates.map(({ host, ports }, i) => ({
    host,
    ports,
    evidence: evidence[i] ?? [],
  }));
  return (await addContents(reader, found)).flatMap(({ host, ports, evidence: known }) =>
    ports.map((port) => {
      const { addressSpaceId, address } = host;
      return toRecord(reader, { addressSpaceId, address, port }, known);
    }),
  );
}

/** One endpoint, as those see it whose evidence is given. */
export function toRecord(
  { asOf }: Reader,
  { addressSpaceId, address, port }: EndpointPlace,
  evidence: readonly Evidence[],
): EndpointRecord {
  const views = evidence.map((one) => viewEndpoint(port, one));
  const verdict = agree(views.map((view) => view.verdict));
  const record = { addressSpaceId, address, port, verdict, views };
  return asOf === undefined ? record : { ...record, asOf };
}
