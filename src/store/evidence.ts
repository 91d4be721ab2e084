import { sql } from 'drizzle-orm';
import type { Address } from '../core/address.ts';
import { decodeBareContent, decodeContent, type HostContent } from '../core/content.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { HostPlace, Scanner } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { HostState } from '../core/state.ts';
import { type Evidence, type LatestLook, needsContent } from '../core/views.ts';
import type { Coverage } from './coverage.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** What states and coverage are read through. */
export interface Reader {
  readonly session: Session;
  readonly coverage: Coverage;
  /** The past moment that is read; undefined for the present. */
  readonly asOf?: Instant;
}

/** A host with the decoded states of those scanners that have a view of it; undefined where one only covered it. */
export interface KnownHost extends HostPlace {
  readonly states: ReadonlyMap<number, HostState | undefined>;
}

/** What every scanner of each host knows of it, by scanner id, in the order of the hosts. */
export async function gatherEvidence(
  { session, coverage }: Reader,
  hosts: readonly KnownHost[],
  scanners: ReadonlyMap<number, Scanner>,
): Promise<Evidence[][]> {
  const wanted = new Map<number, Address[]>();
  for (const { states, address } of hosts) {
    for (const scannerId of states.keys()) {
      const addresses = wanted.get(scannerId);
      if (addresses === undefined) wanted.set(scannerId, [address]);
      else addresses.push(address);
    }
  }
  const looks = await coverage.looksAt(session, wanted);
  return hosts.map(({ states, address }) =>
    Array.from(states, ([scannerId, state]) => ({ scannerId, state })).flatMap(({ scannerId, state }) => {
      const thresholds = scanners.get(scannerId)?.thresholds;
      if (thresholds === undefined) return []; // Retired between two statements.
      return [{ scannerId, thresholds, state, looks: looks.get(scannerId)?.get(address) ?? [] }];
    }),
  );
}

/** The evidence on one host and some of its ports. */
export interface HostEvidence {
  readonly host: HostPlace;
  readonly ports: readonly PortKey[];
  readonly evidence: readonly Evidence[];
}

/** Adds what the latest looks said, where the answer for one of the ports hangs on it. */
export async function addContents(
  { session, asOf }: Omit<Reader, 'coverage'>,
  found: readonly HostEvidence[],
): Promise<HostEvidence[]> {
  const wanted = found.flatMap(({ host, ports, evidence }) =>
    evidence
      .filter((one) => ports.some((port) => needsContent(port, one)))
      .map(({ scannerId }) => ({ ...host, scannerId })),
  );
  const contents = await latestContents(session, wanted, { asOf, decode: decodeBareContent });
  return found.map((entry) => ({
    ...entry,
    evidence: entry.evidence.map((one) => withContents(one, contents.get(keyOf({ ...entry.host, ...one })))),
  }));
}

/** The evidence with what its looks said. */
export function withContents(
  evidence: Evidence,
  contents: ReadonlyMap<number, HostContent> | undefined,
): Evidence {
  if (contents === undefined) return evidence;
  const looks = evidence.looks.map((look): LatestLook => {
    const content = contents.get(look.profileId);
    return content === undefined ? look : { ...look, content };
  });
  return { ...evidence, looks };
}

interface ScannerHost extends HostPlace {
  readonly scannerId: number;
}

/** What each scanner's latest look at a host said, by host and scanner, then by profile; not where it was not listed. */
export async function latestContents(
  session: Session,
  wanted: readonly ScannerHost[],
  { asOf, decode = decodeContent }: { asOf?: Instant | undefined; decode?: typeof decodeContent } = {},
): Promise<ReadonlyMap<string, ReadonlyMap<number, HostContent>>> {
  const contents = new Map<string, Map<number, HostContent>>();
  if (wanted.length === 0) return contents;
  const rows = await session.rows<ScannerHost & { profileId: number; content: string }>(sql`
    /* latestContents */
    select distinct on (host_run.address_space_id, host_run.address, host_run.scanner_id, host_run.profile_id)
      host_run.address_space_id as "addressSpaceId",
      host(host_run.address) as address,
      host_run.scanner_id as "scannerId",
      host_run.profile_id as "profileId",
      host_run.content
    from unnest(
      ${list(
        wanted.map(({ addressSpaceId }) => addressSpaceId),
        'integer',
      )},
      ${list(
        wanted.map(({ address }) => address),
        'inet',
      )},
      ${list(
        wanted.map(({ scannerId }) => scannerId),
        'integer',
      )}
    ) as wanted (address_space_id, address, scanner_id)
    join host_run using (address_space_id, address, scanner_id)
    join scan on scan.id = host_run.scan_id
    where ${asOf === undefined ? sql`true` : sql`host_run.at <= ${instantText(asOf)}::text::timestamptz`}
    order by
      host_run.address_space_id,
      host_run.address,
      host_run.scanner_id,
      host_run.profile_id,
      host_run.at desc,
      scan.digest desc
  `);
  for (const { profileId, content, ...host } of rows) {
    if (content === '') continue;
    const byProfile = contents.get(keyOf(host)) ?? new Map<number, HostContent>();
    contents.set(keyOf(host), byProfile.set(profileId, decode(content)));
  }
  return contents;
}

/** Names one scanner's view of one host. */
export function keyOf({ addressSpaceId, address, scannerId }: ScannerHost): string {
  return `${addressSpaceId} ${address} ${scannerId}`;
}
