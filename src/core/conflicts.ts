import type { Address } from './address.ts';
import { type Statement, strictnessOf, type Target } from './target.ts';

/** Two statements of equal rank that contradict one another somewhere: there the stricter one wins. */
export interface Conflict<S extends Statement> {
  readonly winner: S;
  readonly loser: S;
}

/**
 * Statements of equal rank that contradict one another, each pair once, at most so many; with `ids`, only pairs of
 * which one is named. Equal rank have equal selectors, or groups that share a member, and ranges of one size that
 * overlap.
 */
export function conflictsAmong<S extends Statement>(
  { statements, groups }: { readonly statements: readonly S[] } & Pick<Target, 'groups'>,
  { ids, max }: { readonly ids?: ReadonlySet<number>; readonly max: number },
): Conflict<S>[] {
  const asked = ids === undefined ? undefined : ranksOf(statements, ids);
  const byRank = new Map<string, S[]>();
  for (const one of statements) {
    const rank = rankOf(one);
    if (asked !== undefined && !asked.has(rank)) continue;
    const own = byRank.get(rank);
    if (own === undefined) byRank.set(rank, [one]);
    else own.push(one);
  }
  const found: Conflict<S>[] = [];
  const share = sharing(groups);
  for (const own of byRank.values()) {
    for (const [a, b] of overlapping(own)) {
      if (a.subject.expect === b.subject.expect || !areInForceTogether(a, b) || !share(a, b)) continue;
      if (ids !== undefined && !ids.has(a.id) && !ids.has(b.id)) continue;
      found.push(
        strictnessOf(a.subject) > strictnessOf(b.subject) ? { winner: a, loser: b } : { winner: b, loser: a },
      );
      if (found.length >= max) return found;
    }
  }
  return found;
}

function ranksOf(statements: readonly Statement[], ids: ReadonlySet<number>): ReadonlySet<string> {
  return new Set(statements.filter(({ id }) => ids.has(id)).map(rankOf));
}

/** Only statements of one rank can have equal strength for one host; all groups are of one. */
function rankOf({ selector, view, subject, priority }: Statement): string {
  const what = subject.kind === 'host' ? 'host' : subject.last - subject.first;
  return `${placeOf(selector)} ${view ?? '*'} ${what} ${priority}`;
}

function placeOf(selector: Statement['selector']): string {
  if (selector.kind === 'host') return selector.address;
  return selector.kind === 'cidr' ? `${selector.first}/${selector.prefix}` : selector.kind;
}

/** Pairs of which the ranges of ports overlap; those about hosts all do. */
function* overlapping<S extends Statement>(statements: readonly S[]): Generator<readonly [S, S]> {
  if (statements.length < 2) return;
  const sorted = [...statements].sort((a, b) => firstOf(a) - firstOf(b) || a.id - b.id);
  for (const [i, a] of sorted.entries()) {
    for (let j = i + 1; j < sorted.length; j += 1) {
      const b = sorted[j] as S;
      if (firstOf(b) > lastOf(a)) break;
      yield [a, b];
    }
  }
}

/** Whether there is a time at which both hold. */
function areInForceTogether(a: Statement, b: Statement): boolean {
  const from = Math.max(a.validFrom ?? Number.NEGATIVE_INFINITY, b.validFrom ?? Number.NEGATIVE_INFINITY);
  const until = Math.min(a.validUntil ?? Number.POSITIVE_INFINITY, b.validUntil ?? Number.POSITIVE_INFINITY);
  return from < until;
}

function firstOf({ subject }: Statement): number {
  return subject.kind === 'port' ? subject.first : 0;
}

function lastOf({ subject }: Statement): number {
  return subject.kind === 'port' ? subject.last : 0;
}

/** Whether two statements of one rank are about a common host. */
function sharing(groups: Target['groups']): (a: Statement, b: Statement) => boolean {
  let members: Map<string, Set<Address>> | undefined;
  return ({ selector: a }, { selector: b }) => {
    if (a.kind !== 'group' || b.kind !== 'group' || a.name === b.name) return true;
    members ??= membersOf(groups);
    const others = members.get(b.name);
    return others !== undefined && [...(members.get(a.name) ?? [])].some((address) => others.has(address));
  };
}

function membersOf(groups: Target['groups']): Map<string, Set<Address>> {
  const members = new Map<string, Set<Address>>();
  for (const [address, own] of groups) {
    for (const name of own) members.set(name, (members.get(name) ?? new Set()).add(address));
  }
  return members;
}
