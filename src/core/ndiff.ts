/**
 * Comparison as ndiff 7.9x does it (nmap's own `ndiff`), for `drportscan diff --ndiff`: output and exit codes are
 * ndiff's, byte for byte, with TZ=UTC. It differs in this, and test/cli/diff-ndiff.test.ts holds it to the list:
 *
 * - N1. Several scripts on one port or host are sorted by id; ndiff crashes (nmap issue 2930).
 * - N2. A port of which only a script differs is told in text, too; ndiff crashes unless it is verbose.
 * - N3. Hosts without address and name are paired in the order of the reports; ndiff crashes, or pairs none.
 * - N4. Address types that ndiff does not know sort after those that it does; ndiff crashes.
 * - N5. Times and ports that are no numbers are left out; ndiff crashes.
 * - N6. `<extraports>` without a state are `unknown`, as ndiff's warning says; its output says `None`.
 * - N7. Of a file that is cut off or damaged, what can be read is compared, and standard error says what is wrong;
 *   ndiff stops. Characters that XML forbids become U+FFFD.
 * - N8. A document type of the file's own is refused (exit code 2); ndiff reads it.
 * - N9. ndiff's warnings about missing attributes and repeated states are left out.
 * - N10. Reports of other formats are compared as well, by what their own readers find.
 * - N11. On a terminal, characters that could take it over are shown as escapes.
 *
 * Kept as they are, strange or not: a new first name makes one host gone and another one new; script differences
 * make the exit code 1 on hosts, but not before and after the scan; the same `<extraports>` in another order are a
 * difference; the tunnel of a service is not compared; with `-v`, equal scripts count.
 */
import {
  compareNdiffAddresses,
  compareNdiffPorts,
  compareTexts,
  type NdiffAddress,
  type NdiffHost,
  type NdiffPort,
  type NdiffScan,
  type NdiffScript,
  type NdiffService,
  ndiffIdOf,
  noNdiffHost,
  sortedAddresses,
  sortedNames,
} from './ndiff-facts.ts';
import { type Opcode, opcodesOf } from './sequence-matcher.ts';

/** One script on both sides; undefined where a side lacks it. */
export interface NdiffScriptPair {
  readonly before?: NdiffScript;
  readonly after?: NdiffScript;
}

/** One port on both sides; a side that does not list it has a port without a state. */
export interface NdiffPortPair {
  readonly before: NdiffPort;
  readonly after: NdiffPort;
  readonly scripts: readonly NdiffScriptPair[];
  readonly cost: number;
}

/** Two hosts of one id; `noNdiffHost` where a scan lacks it. */
export interface NdiffHostPair {
  readonly before: NdiffHost;
  readonly after: NdiffHost;
  readonly isStateChanged: boolean;
  readonly isIdChanged: boolean;
  readonly isExtraPortsChanged: boolean;
  /** Only those that are told. */
  readonly ports: readonly NdiffPortPair[];
  readonly systems: readonly Opcode[];
  readonly areSystemsChanged: boolean;
  /** Only those that are told. */
  readonly scripts: readonly NdiffScriptPair[];
  /** 0 where the hosts are equal. */
  readonly cost: number;
}

/** How much is told. */
export interface NdiffOptions {
  /** What is equal is told as well. */
  readonly verbose: boolean;
}

/** The hosts of both scans in pairs, in ndiff's order; those without a difference only where it is verbose. */
export function* ndiffHosts(
  before: NdiffScan,
  after: NdiffScan,
  options: NdiffOptions,
): Generator<NdiffHostPair> {
  for (const [a, b] of pairsOf(byId(before.hosts), byId(after.hosts), (x, y) => compareTexts(x.id, y.id))) {
    const pair = compareNdiffHosts(a?.host ?? noNdiffHost, b?.host ?? noNdiffHost, options);
    if (pair.cost > 0 || options.verbose) yield pair;
  }
}

/** Compares two hosts. */
export function compareNdiffHosts(before: NdiffHost, after: NdiffHost, options: NdiffOptions): NdiffHostPair {
  const isStateChanged = before.state !== after.state;
  const isIdChanged =
    !sameAddresses(sortedAddresses(before), sortedAddresses(after)) ||
    !sameTexts(sortedNames(before), sortedNames(after));
  const isExtraPortsChanged = !sameExtraPorts(before, after);
  const ports = comparePorts(before, after, options);
  const systems = opcodesOf(before.systems, after.systems);
  const changes = systems.filter(({ kind }) => kind !== 'equal').length;
  const scripts = compareNdiffScripts(before.scripts, after.scripts, options);
  const cost =
    [isStateChanged, isIdChanged, isExtraPortsChanged].filter(Boolean).length +
    ports.reduce((sum, port) => sum + port.cost, 0) +
    changes +
    scripts.length;
  return {
    before,
    after,
    isStateChanged,
    isIdChanged,
    isExtraPortsChanged,
    ports,
    systems,
    areSystemsChanged: changes > 0,
    scripts,
    cost,
  };
}

/** Scripts by id; those with the same output on both sides only where it is verbose. */
export function compareNdiffScripts(
  before: readonly NdiffScript[],
  after: readonly NdiffScript[],
  { verbose }: NdiffOptions,
): NdiffScriptPair[] {
  return pairsOf(before, after, (a, b) => compareTexts(a.id, b.id))
    .filter(([a, b]) => verbose || a?.output !== b?.output)
    .map(([a, b]) => ({
      ...(a === undefined ? {} : { before: a }),
      ...(b === undefined ? {} : { after: b }),
    }));
}

/** Whether both say the same of what runs there; the tunnel does not count. */
export function sameNdiffService(a: NdiffService, b: NdiffService): boolean {
  return a.name === b.name && a.product === b.product && a.version === b.version && a.extra === b.extra;
}

/** Whether a port of this state is one that the host need not list: it has a state of the collapsed ones, or none. */
export function isExtraState(host: NdiffHost, state: string | undefined): boolean {
  return state === undefined || host.extraPorts.some((extra) => extra.state === state);
}

function comparePorts(before: NdiffHost, after: NdiffHost, options: NdiffOptions): NdiffPortPair[] {
  const pairs = pairsOf(before.ports, after.ports, compareNdiffPorts);
  return pairs.flatMap(([a, b]) => {
    const known = (a ?? b) as NdiffPort;
    const none: NdiffPort = { port: known.port, protocol: known.protocol, service: {}, scripts: [] };
    const pair = comparePort(a ?? none, b ?? none, options);
    const isHidden = isExtraState(before, pair.before.state) && isExtraState(after, pair.after.state);
    return isHidden || (pair.cost === 0 && !options.verbose) ? [] : [pair];
  });
}

function comparePort(before: NdiffPort, after: NdiffPort, options: NdiffOptions): NdiffPortPair {
  const scripts = compareNdiffScripts(before.scripts, after.scripts, options);
  const changes = [before.state !== after.state, !sameNdiffService(before.service, after.service)];
  return { before, after, scripts, cost: changes.filter(Boolean).length + scripts.length };
}

function byId(hosts: readonly NdiffHost[]): { readonly id: string; readonly host: NdiffHost }[] {
  const named = hosts.map((host) => ({ id: ndiffIdOf(host), host }));
  return named.sort((a, b) => compareTexts(a.id, b.id));
}

/** Two sorted lists side by side: what is equal in pairs, one to one, and the rest alone. */
function pairsOf<T>(
  before: readonly T[],
  after: readonly T[],
  compare: (a: T, b: T) => number,
): [T | undefined, T | undefined][] {
  const pairs: [T | undefined, T | undefined][] = [];
  let i = 0;
  let j = 0;
  while (i < before.length || j < after.length) {
    const a = before[i];
    const b = after[j];
    const order = a === undefined ? 1 : b === undefined ? -1 : compare(a, b);
    if (order <= 0) i += 1;
    if (order >= 0) j += 1;
    pairs.push([order <= 0 ? a : undefined, order >= 0 ? b : undefined]);
  }
  return pairs;
}

function sameTexts(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((text, index) => text === b[index]);
}

function sameAddresses(a: readonly NdiffAddress[], b: readonly NdiffAddress[]): boolean {
  return (
    a.length === b.length &&
    a.every((address, index) => compareNdiffAddresses(address, b[index] as NdiffAddress) === 0)
  );
}

function sameExtraPorts({ extraPorts: a }: NdiffHost, { extraPorts: b }: NdiffHost): boolean {
  return (
    a.length === b.length &&
    a.every(({ state, count }, index) => state === b[index]?.state && count === b[index]?.count)
  );
}
