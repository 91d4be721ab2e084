import type { Scanner, ScannerGroup } from '../core/model.ts';
import type { HostState } from '../core/state.ts';
import type { Evidence } from '../core/views.ts';
import { stateWith } from './endpoint-candidates.ts';
import { addContents, gatherEvidence, type HostEvidence, type Reader } from './evidence.ts';
import type { StoredHost } from './host-walk.ts';
import { allScannerGroups } from './scanner-groups.ts';
import { allScanners } from './scanners.ts';
import type { Session } from './session.ts';

/** A group with its scanners in service. */
export interface GroupOfScanners extends ScannerGroup {
  readonly scanners: readonly Scanner[];
}

/** The groups with their scanners in service, by id; only those that are asked for. */
export async function groupsInService(
  session: Session,
  {
    scannerGroupIds,
    addressSpaceIds,
  }: {
    readonly scannerGroupIds?: readonly number[] | undefined;
    readonly addressSpaceIds?: readonly number[] | undefined;
  },
): Promise<GroupOfScanners[]> {
  const [groups, scanners] = await Promise.all([allScannerGroups(session), allScanners(session)]);
  return groups
    .filter(({ id }) => scannerGroupIds?.includes(id) ?? true)
    .filter(({ addressSpaceId }) => addressSpaceIds?.includes(addressSpaceId) ?? true)
    .sort((a, b) => a.id - b.id)
    .map((group) => ({
      ...group,
      scanners: scanners.filter(({ groupId, retiredAt }) => groupId === group.id && retiredAt === undefined),
    }));
}

/** Hosts, and which of their ports are held side by side. */
export interface Compared {
  readonly host: StoredHost;
  readonly ports: (states: ReadonlyMap<number, HostState | undefined>) => readonly number[];
}

/** A host with all that the scanners know of it, also those that only looked there and found nothing. */
export interface SideBySide extends HostEvidence {
  readonly states: ReadonlyMap<number, HostState | undefined>;
  readonly evidence: readonly Evidence[];
}

/** What every one of the scanners says of the hosts. */
export async function sideBySide(
  reader: Reader,
  compared: readonly Compared[],
  scanners: readonly Scanner[],
): Promise<SideBySide[]> {
  const byId = new Map(scanners.map((scanner) => [scanner.id, scanner]));
  const known = compared.map(({ host: { states, ...place }, ports }) => {
    const decoded = new Map<number, HostState | undefined>(scanners.map(({ id }) => [id, undefined]));
    for (const { scannerId, state } of states) {
      if (byId.has(scannerId)) decoded.set(scannerId, stateWith(state, undefined));
    }
    return { ...place, states: decoded, ports: ports(decoded) };
  });
  const evidence = await gatherEvidence(reader, known, byId);
  const found = known.map(({ ports, addressSpaceId, address }, index) => ({
    host: { addressSpaceId, address },
    ports,
    evidence: evidence[index] ?? [],
  }));
  const complete = await addContents(reader, found);
  return complete.map((entry, index) => ({ ...entry, states: known[index]?.states ?? new Map() }));
}

/** The ports that any of the states keeps open, ascending. */
export function openInAny(states: ReadonlyMap<number, HostState | undefined>): number[] {
  const ports = new Set<number>();
  for (const state of states.values()) {
    if (state?.status !== 'up') continue;
    for (const [port, { open }] of state.endpoints) if (open) ports.add(port);
  }
  return [...ports].sort((a, b) => a - b);
}
