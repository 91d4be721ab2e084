/**
 * What ndiff sees of a scan: nmap's words as they stand in the report, without knowing what they mean. Native
 * comparison has facts of its own (`host-facts.ts`); these are for `drportscan diff --ndiff`.
 */
export interface NdiffScan {
  readonly scanner?: string;
  readonly version?: string;
  readonly args?: string;
  /** Seconds since 1970. */
  readonly start?: number;
  readonly end?: number;
  readonly hosts: readonly NdiffHost[];
  /** In the order of the report; ndiff sorts only scripts of ports and hosts. */
  readonly prescripts: readonly NdiffScript[];
  readonly postscripts: readonly NdiffScript[];
}

/** One `<host>`. */
export interface NdiffHost {
  /** As written; undefined for a host without `<status>`, and for the host that is not there. */
  readonly state?: string;
  /** In the order of the report, each once. */
  readonly addresses: readonly NdiffAddress[];
  /** In the order of the report, each once. */
  readonly names: readonly string[];
  /** Each state once, in the order of the report; of two counts the later one. */
  readonly extraPorts: readonly NdiffExtraPorts[];
  /** Sorted by number and protocol, each once. */
  readonly ports: readonly NdiffPort[];
  /** Names of operating systems, in the order of the report. */
  readonly systems: readonly string[];
  readonly scripts: readonly NdiffScript[];
}

/** One `<address>`; the kind decides the order. */
export interface NdiffAddress {
  readonly kind: string;
  readonly text: string;
}

/** One `<extraports>`. */
export interface NdiffExtraPorts {
  readonly state: string;
  readonly count: number;
}

/** One `<port>` with a state; a port that a host does not list has none. */
export interface NdiffPort {
  readonly port: number;
  readonly protocol: string;
  readonly state?: string;
  readonly service: NdiffService;
  /** Sorted by id. */
  readonly scripts: readonly NdiffScript[];
}

/** One `<service>`; all undefined where there is none. */
export interface NdiffService {
  readonly name?: string;
  readonly product?: string;
  readonly version?: string;
  readonly extra?: string;
  readonly tunnel?: string;
}

/** One `<script>`. */
export interface NdiffScript {
  readonly id: string;
  readonly output: string;
}

/** Orders texts by code point, as Python does. */
export function compareTexts(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    const isMixed = left >= 0xd800 && right >= 0xd800;
    return isMixed ? (a.codePointAt(i) as number) - (b.codePointAt(i) as number) : left - right;
  }
  return a.length - b.length;
}

const kinds = ['ipv4', 'ipv6', 'mac'];

/** IPv4 before IPv6 before MAC (before kinds that ndiff does not know), then as texts. */
export function compareNdiffAddresses(a: NdiffAddress, b: NdiffAddress): number {
  return rankOf(a) - rankOf(b) || compareTexts(a.kind, b.kind) || compareTexts(a.text, b.text);
}

function rankOf({ kind }: NdiffAddress): number {
  const rank = kinds.indexOf(kind);
  return rank < 0 ? kinds.length : rank;
}

/** By number, then by the name of the protocol. */
export function compareNdiffPorts(a: NdiffPort, b: NdiffPort): number {
  return a.port - b.port || compareTexts(a.protocol, b.protocol);
}

/** The host that is not there: what an added or removed host is compared with. */
export const noNdiffHost: NdiffHost = {
  addresses: [],
  names: [],
  extraPorts: [],
  ports: [],
  systems: [],
  scripts: [],
};

/** The addresses in order. */
export function sortedAddresses({ addresses }: NdiffHost): readonly NdiffAddress[] {
  return addresses.length < 2 ? addresses : [...addresses].sort(compareNdiffAddresses);
}

/** The names in order. */
export function sortedNames({ names }: NdiffHost): readonly string[] {
  return names.length < 2 ? names : [...names].sort(compareTexts);
}

/**
 * What pairs hosts of two scans: the first address, filled up to 40 characters, and the first name. A new
 * first name makes another host.
 */
export function ndiffIdOf(host: NdiffHost): string {
  const address = sortedAddresses(host)[0]?.text ?? '';
  const missing = Math.max(0, 40 - Array.from(address).length);
  return `${address}${' '.repeat(missing)}${sortedNames(host)[0] ?? ''}`;
}
