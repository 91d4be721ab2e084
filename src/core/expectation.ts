import { type Address, familyOf, positionOf } from './address.ts';
import type { PortKey } from './endpoint.ts';
import type { Instant } from './observation.ts';
import {
  type HostExpectation,
  isInForce,
  neverStale,
  type Policy,
  type PortExpectation,
  type Selector,
  type Statement,
  specificity,
  strictnessOf,
  type Target,
  type Undeclared,
} from './target.ts';

/** Why a statement wins over the others that speak of the same thing. */
export type WinningRule =
  | 'only_one'
  | 'selector'
  | 'view'
  | 'port_range'
  | 'source_priority'
  | 'stricter'
  | 'same_value'
  | 'locked';

/** What is expected of one host or endpoint, who says so, and who is overruled. */
export interface Expectation<Value> {
  readonly value: Value;
  readonly winner: Statement;
  readonly losers: readonly Statement[];
  readonly rule: WinningRule;
  /** Statements of equal rank that say something else: they contradict one another. */
  readonly conflicts: readonly Statement[];
}

/** The target, ready to be asked about single hosts. Immutable; built once for each revision. */
export interface TargetIndex {
  readonly isEmpty: boolean;
  /** Somewhere it matters what is behind a port. */
  readonly assessesServices: boolean;
  /** What is declared of one host as seen from one view. */
  about(address: Address, view: number, at: Instant): HostTarget;
  /** Addresses that statements name one by one, or by a group. */
  readonly hosts: ReadonlySet<Address>;
}

/** What is declared of one host as seen from one view. */
export interface HostTarget {
  /** Somebody names the host or a group that it is in, or declares hosts where it is. */
  readonly isDeclared: boolean;
  readonly host: Expectation<HostExpectation> | undefined;
  port(key: PortKey): Expectation<PortExpectation> | undefined;
  /** Port statements in force, the strongest first. */
  readonly portStatements: readonly PortStatement[];
  readonly undeclaredPorts: Undeclared;
  readonly undeclaredHosts: Undeclared;
  /** The policy that decides about what is undeclared; undefined where none does. */
  readonly policy: Policy | undefined;
  /** When a statement about the host begins or ends to hold, at the earliest; undefined where none does any more. */
  readonly nextChangeAt: Instant | undefined;
}

/** A statement about ports. */
export type PortStatement = Statement & { readonly subject: Extract<Statement['subject'], { kind: 'port' }> };

type HostStatement = Statement & { readonly subject: Extract<Statement['subject'], { kind: 'host' }> };

/** Files the statements and policies of a target by what they select. */
export function indexTarget(target: Target): TargetIndex {
  const statements = fileBySelector(target.statements);
  const policies = fileBySelector(target.policies);
  const isEmpty = target.statements.length === 0 && target.policies.length === 0;
  const otherwise = isEmpty ? 'ignore' : 'drift'; // Where nobody declares anything, nothing deviates from it.
  return {
    isEmpty,
    assessesServices: target.policies.some(({ assessServices }) => assessServices === true),
    hosts: new Set([...statements.hosts.keys(), ...membersOf(target, statements)]),
    about(address, view, at) {
      const groups = target.groups.get(address) ?? [];
      const meant = statements.matching(address, groups).filter((each) => isSeenFrom(each, view));
      const policy = policyFrom(policies.matching(address, groups).filter((each) => isSeenFrom(each, view)));
      const inForce = meant.filter((each) => isInForce(each, at));
      return hostTarget(inForce, { policy, otherwise, nextChangeAt: nextChange(meant, at) });
    },
  };
}

/** Addresses of the groups that statements are about. */
function* membersOf({ groups }: Target, { groups: named }: Filed<Statement>): Generator<Address> {
  if (named.size === 0) return;
  for (const [address, own] of groups) if (own.some((group) => named.has(group))) yield address;
}

/** When the first of the statements begins or ends to hold after a moment. */
function nextChange(statements: readonly Statement[], at: Instant): Instant | undefined {
  let next: Instant | undefined;
  for (const { validFrom, validUntil } of statements) {
    for (const time of [validFrom, validUntil]) {
      if (time !== undefined && time > at && time < (next ?? Number.POSITIVE_INFINITY)) next = time;
    }
  }
  return next;
}

function hostTarget(
  own: readonly Statement[],
  {
    policy,
    otherwise,
    nextChangeAt,
  }: Pick<HostTarget, 'policy' | 'nextChangeAt'> & { otherwise: Undeclared },
): HostTarget {
  const ports = own.filter((each): each is PortStatement => each.subject.kind === 'port').sort(byStrength);
  const hosts = own.filter((each): each is HostStatement => each.subject.kind === 'host').sort(byStrength);
  return {
    isDeclared: hosts.length > 0 || own.some(({ selector: { kind } }) => kind === 'host' || kind === 'group'),
    host: resolve(hosts, ({ subject }) => subject.expect),
    port: (key) =>
      resolve(
        ports.filter(({ subject }) => subject.first <= key && key <= subject.last),
        ({ subject }) => subject.expect,
      ),
    portStatements: ports,
    undeclaredPorts: policy?.undeclaredPorts ?? otherwise,
    undeclaredHosts: policy?.undeclaredHosts ?? otherwise,
    policy,
    nextChangeAt,
  };
}

/**
 * Who wins among statements about the same thing, sorted by strength: the strongest; among equals the
 * stricter; but never over a locked one that is stricter.
 */
function resolve<S extends Statement, Value extends string>(
  sorted: readonly S[],
  valueIn: (statement: S) => Value,
): Expectation<Value> | undefined {
  const [first, second] = sorted;
  if (first === undefined) return undefined;
  const strictness = ({ subject }: S) => strictnessOf(subject);
  const equals = sorted.filter((each) => compareStrength(each, first) === 0);
  const strongest = equals.reduce((a, b) => (strictness(b) > strictness(a) ? b : a));
  const locked = sorted.filter((each) => each.locked && strictness(each) > strictness(strongest));
  const winner = locked.reduce((a, b) => (strictness(b) > strictness(a) ? b : a), strongest);
  const conflicts = equals.filter((each) => valueIn(each) !== valueIn(strongest));
  return {
    value: valueIn(winner),
    winner,
    losers: sorted.filter((each) => each !== winner),
    rule: winner === strongest ? ruleBetween(strongest, { conflicts, equals, second, sorted }) : 'locked',
    conflicts,
  };
}

function ruleBetween(
  winner: Statement,
  {
    conflicts,
    equals,
    second,
    sorted,
  }: {
    conflicts: readonly Statement[];
    equals: readonly Statement[];
    second: Statement | undefined;
    sorted: readonly Statement[];
  },
): WinningRule {
  if (second === undefined) return 'only_one';
  if (conflicts.length > 0) return 'stricter';
  if (equals.length > 1) return 'same_value';
  const next = sorted[1] as Statement;
  if (specificity(winner.selector) !== specificity(next.selector)) return 'selector';
  if ((winner.view === undefined) !== (next.view === undefined)) return 'view';
  if (rangeSize(winner) !== rangeSize(next)) return 'port_range';
  return 'source_priority';
}

function byStrength(a: Statement, b: Statement): number {
  return compareStrength(a, b) || a.id - b.id;
}

/** Negative where the first is stronger: selector, then exact view, then narrower ports, then priority of its source. */
function compareStrength(a: Statement, b: Statement): number {
  return (
    specificity(b.selector) - specificity(a.selector) ||
    Number(b.view !== undefined) - Number(a.view !== undefined) ||
    rangeSize(a) - rangeSize(b) ||
    b.priority - a.priority
  );
}

function rangeSize({ subject }: Statement): number {
  return subject.kind === 'port' ? subject.last - subject.first : 0;
}

/** The most specific policy; how old evidence may be, it takes from a wider one where it does not say so itself. */
function policyFrom(policies: readonly Policy[]): Policy | undefined {
  const sorted = [...policies].sort(
    (a, b) =>
      specificity(b.selector) - specificity(a.selector) ||
      Number(b.view !== undefined) - Number(a.view !== undefined) ||
      a.id - b.id,
  );
  const [strongest] = sorted;
  if (strongest === undefined) return undefined;
  const { staleAfterSeconds: _own, ...words } = strongest;
  const age = sorted.find(({ staleAfterSeconds }) => staleAfterSeconds !== undefined)?.staleAfterSeconds;
  return age === undefined || age === neverStale ? words : { ...words, staleAfterSeconds: age };
}

function isSeenFrom({ view }: { readonly view?: number }, from: number): boolean {
  return view === undefined || view === from;
}

interface Filed<T> {
  readonly hosts: ReadonlyMap<Address, readonly T[]>;
  readonly groups: ReadonlyMap<string, readonly T[]>;
  matching(address: Address, groups: readonly string[]): T[];
}

/** Networks are filed by their length, so that one look-up per length in use finds all that hold an address. */
function fileBySelector<T extends { readonly selector: Selector }>(items: readonly T[]): Filed<T> {
  const hosts = new Map<Address, T[]>();
  const networks = new Map<string, { mask: bigint; filed: Map<bigint, T[]> }>();
  const groups = new Map<string, T[]>();
  const all: T[] = [];
  for (const item of items) {
    const { selector } = item;
    if (selector.kind === 'host') push(hosts, selector.address, item);
    else if (selector.kind === 'group') push(groups, selector.name, item);
    else if (selector.kind === 'all') all.push(item);
    else {
      const size = selector.last - selector.first + 1n;
      const family = selector.last <= lastV4 ? 4 : 6;
      const key = `${family}/${selector.prefix}`;
      const length = networks.get(key) ?? { mask: size, filed: new Map<bigint, T[]>() };
      networks.set(key, length);
      push(length.filed, selector.first, item);
    }
  }
  return {
    hosts,
    groups,
    matching(address, own) {
      const position = positionOf(address);
      const offset = familyOf(address) === 4 ? 0n : firstV6;
      const found = [...(hosts.get(address) ?? [])];
      for (const { mask, filed } of networks.values()) {
        const first = offset + ((position - offset) / mask) * mask;
        for (const item of filed.get(first) ?? []) if (holds(item.selector, position)) found.push(item);
      }
      for (const group of own) found.push(...(groups.get(group) ?? []));
      return [...found, ...all];
    },
  };
}

const lastV4 = (1n << 32n) - 1n;
const firstV6 = 1n << 33n;

function holds(selector: Selector, position: bigint): boolean {
  return selector.kind === 'cidr' && selector.first <= position && position <= selector.last;
}

function push<K, T>(map: Map<K, T[]>, key: K, item: T): void {
  const items = map.get(key);
  if (items === undefined) map.set(key, [item]);
  else items.push(item);
}
