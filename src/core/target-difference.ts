import { formatPortSet } from './endpoint.ts';
import { groupBy } from './group.ts';
import { formatSelector } from './selector.ts';
import type { Selector, Statement, Subject } from './target.ts';
import type { ImportItem, StatementFacts } from './target-model.ts';

/** A statement as it is named by its source. */
export interface NamedStatement extends Omit<Statement, 'id' | 'priority'> {
  readonly externalId: string;
}

/** A statement that stands, with its number. */
export interface StandingStatement extends NamedStatement {
  readonly id: number;
}

/** What makes the statements that stand into those that are wanted. */
export interface TargetDifference<S extends StandingStatement, W extends NamedStatement> {
  readonly created: readonly W[];
  readonly updated: readonly { readonly before: S; readonly after: W }[];
  readonly deleted: readonly S[];
  readonly unchanged: number;
}

/**
 * Compares what stands with what is wanted, name by name. A name may have several statements, one for each range of
 * ports: equal ones stay, the others are paired as changed, and the rest comes or goes.
 */
export function compareStatements<S extends StandingStatement, W extends NamedStatement>(
  standing: readonly S[],
  wanted: readonly W[],
): TargetDifference<S, W> {
  const byName = groupBy(standing, ({ externalId }) => externalId);
  const created: W[] = [];
  const updated: { before: S; after: W }[] = [];
  const deleted: S[] = [];
  let unchanged = 0;
  for (const [name, own] of groupBy(wanted, ({ externalId }) => externalId)) {
    const olds = byName.get(name) ?? [];
    byName.delete(name);
    const news = own.filter((one) => !takeSame(olds, one));
    unchanged += own.length - news.length;
    news.forEach((after, i) => {
      const before = olds[i];
      if (before === undefined) created.push(after);
      else updated.push({ before, after });
    });
    deleted.push(...olds.slice(news.length));
  }
  for (const rest of byName.values()) deleted.push(...rest);
  return { created, updated, deleted, unchanged };
}

/** Takes the one that says the same out of the list; false where there is none. */
function takeSame<S extends NamedStatement>(olds: S[], one: NamedStatement): boolean {
  const place = olds.findIndex((old) => saysSame(old, one));
  if (place < 0) return false;
  olds.splice(place, 1);
  return true;
}

/** Whether two statements say the same. */
export function saysSame(a: NamedStatement, b: NamedStatement): boolean {
  return (
    a.subject.expect === b.subject.expect &&
    a.view === b.view &&
    a.owner === b.owner &&
    a.ticket === b.ticket &&
    a.description === b.description &&
    a.validFrom === b.validFrom &&
    a.validUntil === b.validUntil &&
    a.locked === b.locked &&
    isSameSubject(a.subject, b.subject) &&
    isSameSelector(a.selector, b.selector)
  );
}

function isSameSubject(a: Subject, b: Subject): boolean {
  if (a.kind === 'host' || b.kind === 'host') return a.kind === b.kind;
  return a.first === b.first && a.last === b.last && a.service === b.service;
}

function isSameSelector(a: Selector, b: Selector): boolean {
  if (a.kind === 'host') return b.kind === 'host' && a.address === b.address;
  if (a.kind === 'cidr') return b.kind === 'cidr' && a.first === b.first && a.prefix === b.prefix;
  return formatSelector(a) === formatSelector(b);
}

/** Everything that a statement says, as one text: equal texts are equal statements. */
export function wordsOf(one: NamedStatement): string {
  const { subject, view, owner, ticket, description, validFrom, validUntil, locked } = one;
  const said = subject.kind === 'port' ? [subject.first, subject.last, subject.service ?? null] : null;
  return JSON.stringify([
    formatSelector(one.selector),
    view ?? null,
    said,
    subject.expect,
    owner ?? null,
    ticket ?? null,
    description ?? null,
    validFrom ?? null,
    validUntil ?? null,
    locked,
  ]);
}

/** What a statement says, in words. */
export function factsOf(one: NamedStatement, viewNames: ReadonlyMap<number, string>): StatementFacts {
  const { selector, subject, view, owner, ticket, description, validFrom, validUntil, locked } = one;
  const port = subject.kind === 'port' ? subject : undefined;
  return {
    selector: formatSelector(selector),
    expect: subject.expect,
    locked,
    ...(view === undefined ? {} : { view: viewNames.get(view) ?? `#${view}` }),
    ...(port === undefined ? {} : { ports: formatPortSet([{ first: port.first, last: port.last }]) }),
    ...(port?.service === undefined ? {} : { service: port.service }),
    ...(owner === undefined ? {} : { owner }),
    ...(ticket === undefined ? {} : { ticket }),
    ...(description === undefined ? {} : { description }),
    ...(validFrom === undefined ? {} : { validFrom }),
    ...(validUntil === undefined ? {} : { validUntil }),
  };
}

/** The difference item by item: deletions, changes, creations; the first ones only. */
export function itemsOf(
  { created, updated, deleted }: TargetDifference<StandingStatement, NamedStatement>,
  { viewNames, max }: { viewNames: ReadonlyMap<number, string>; max: number },
): ImportItem[] {
  const all = [
    ...deleted.slice(0, max).map((before) => ['delete', before, undefined] as const),
    ...updated.slice(0, max).map(({ before, after }) => ['update', before, after] as const),
    ...created.slice(0, max).map((after) => ['create', undefined, after] as const),
  ];
  return all.slice(0, max).map(([action, before, after]) => ({
    action,
    externalId: (after ?? before)?.externalId ?? '',
    ...(before === undefined ? {} : { before: factsOf(before, viewNames) }),
    ...(after === undefined ? {} : { after: factsOf(after, viewNames) }),
  }));
}
