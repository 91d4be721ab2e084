import type { Address } from './address.ts';
import { formatPort, type PortKey } from './endpoint.ts';
import type { Instant } from './observation.ts';

/** Many new open ports that are told as one: of one host, or one port on most of a network. */
export type Finding =
  | { readonly kind: 'host'; readonly address: Address; readonly ports: number }
  | { readonly kind: 'port'; readonly network: string; readonly port: PortKey; readonly addresses: number };

/** A port that newly opens on more than this share of a network is not told host by host. */
const bogusNetworkShare = 0.9;

/** The size of the networks in which a port is counted: a /24. */
export const bogusNetworkPrefix = 24;

/** More addresses of such a network than this are too many. */
export const bogusAddressesMin = Math.floor(2 ** (32 - bogusNetworkPrefix) * bogusNetworkShare);

/** A finding as a sentence. */
export function describeFinding(finding: Finding): string {
  if (finding.kind === 'host') {
    return `${finding.address} has ${finding.ports} new open ports: told as one finding, it may answer on every port.`;
  }
  const { port, network, addresses } = finding;
  return `${formatPort(port)} is newly open on ${addresses} addresses of ${network}: told as one finding, something in front may answer.`;
}

/** How far a clock may be off before it is worth a word. */
export const clockSkewNoticeMs = 60_000;

/** How far in the future a report says it ended; undefined where its clock seems right. */
export function clockSkewOf(at: Instant, receivedAt: Instant): number | undefined {
  return at - receivedAt > clockSkewNoticeMs ? at - receivedAt : undefined;
}

/** When a scanner's next scan is due: so long after the last one came, or after it was added. */
export function dueAt(scanner: {
  readonly expectEverySeconds?: number | undefined;
  readonly createdAt: Instant;
  readonly lastReceivedAt?: Instant | undefined;
}): Instant | undefined {
  const { expectEverySeconds, createdAt, lastReceivedAt = createdAt } = scanner;
  return expectEverySeconds === undefined ? undefined : lastReceivedAt + expectEverySeconds * 1000;
}

/** What there is to know about a scanner before its evidence is believed. */
export interface ScannerHealth {
  readonly scannerId: number;
  /** The latest scan that counts. */
  readonly lastScanAt?: Instant;
  readonly lastReceivedAt?: Instant;
  /** When the next scan is or was due; undefined where none is expected. */
  readonly dueAt?: Instant;
  readonly overdue: boolean;
  /** Scans that wait for a decision. */
  readonly heldScans: number;
  /** What the latest scan that counts told as one finding each. */
  readonly findings: readonly Finding[];
  /** How far in the future the latest scan says it ended. */
  readonly clockSkewMs?: number;
}
