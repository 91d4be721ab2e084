import { assert } from './assert.ts';
import { type Change, changeCode, type Facts, kindOfCode } from './change.ts';
import { decodeServices, type EncodedService, encodeServices } from './content.ts';
import type { PortKey } from './endpoint.ts';
import { objectText } from './json-text.ts';
import type { Instant, Service } from './observation.ts';

/** The entries of one kind that one scan brought to one host, as one row of the change log. */
export interface ChangeRow {
  readonly kind: number;
  readonly ports: readonly PortKey[] | null;
  readonly baseline: boolean;
  readonly confirmations: number;
  readonly facts: string | null;
  readonly at: Instant;
  readonly observedAt: Instant | null;
}

/** Joins the changes of one scan to one host into rows: one for each kind, baseline and count of confirmations. */
export function rowsOfChanges(changes: readonly Change[]): ChangeRow[] {
  const groups: [Change, ...Change[]][] = [];
  for (const change of changes) {
    const group = groups.find(([first]) => isSameRow(first, change));
    if (group === undefined) groups.push([change]);
    else group.push(change);
  }
  return groups.map(rowOfGroup);
}

/** Whether both stand in one row. One host has few rows, so that they are compared one by one. */
function isSameRow(a: Change, b: Change): boolean {
  return (
    a.kind === b.kind &&
    a.baseline === b.baseline &&
    a.confirmations === b.confirmations &&
    a.at === b.at &&
    a.observedAt === b.observedAt
  );
}

function rowOfGroup(group: readonly [Change, ...Change[]]): ChangeRow {
  const [first] = group;
  const sorted = [...group].sort((a, b) => (a.port ?? 0) - (b.port ?? 0));
  return {
    kind: changeCode[first.kind],
    ports: first.port === undefined ? null : sorted.map(({ port }) => port ?? 0),
    baseline: first.baseline,
    confirmations: first.confirmations,
    facts: encodeFacts(sorted),
    at: first.at,
    observedAt: first.observedAt ?? null,
  };
}

/** The changes of a row of the log, in the order of its ports. */
export function changesOfRow(row: ChangeRow): Change[] {
  const kind = kindOfCode(row.kind);
  assert(kind !== undefined, 'the code of a logged change is one bit');
  const facts = decodeFacts(row.facts);
  return (row.ports ?? [undefined]).map((port) => {
    const before = factsOn('before', kind, facts, port);
    return {
      kind,
      ...(port === undefined ? {} : { port }),
      ...(before === undefined || (row.baseline && before.service === undefined) ? {} : { before }),
      after: factsOn('after', kind, facts, port) ?? {},
      confirmations: row.confirmations,
      baseline: row.baseline,
      at: row.at,
      ...(row.observedAt === null ? {} : { observedAt: row.observedAt }),
    };
  });
}

interface RowFacts {
  readonly namesBefore?: readonly string[];
  readonly namesAfter?: readonly string[];
  readonly before: ReadonlyMap<PortKey, Service>;
  readonly after: ReadonlyMap<PortKey, Service>;
}

/** Names and services; the states themselves follow from the kind. */
function encodeFacts(changes: readonly Change[]): string | null {
  const [first] = changes;
  const before = servicesOn('before', changes);
  const after = servicesOn('after', changes);
  const text = objectText({
    m: first?.before?.names && JSON.stringify(first.before.names),
    n: first?.after.names && JSON.stringify(first.after.names),
    w: before.size === 0 ? undefined : encodeServices(before),
    v: after.size === 0 ? undefined : encodeServices(after),
  });
  return text === '{}' ? null : text;
}

function servicesOn(side: 'before' | 'after', changes: readonly Change[]): Map<PortKey, Service> {
  const services = new Map<PortKey, Service>();
  for (const change of changes) {
    const service = change[side]?.service;
    if (service !== undefined && change.port !== undefined) services.set(change.port, service);
  }
  return services;
}

function decodeFacts(text: string | null): RowFacts {
  if (text === null) return { before: new Map(), after: new Map() };
  const raw = JSON.parse(text) as { m?: string[]; n?: string[]; w?: EncodedService[]; v?: EncodedService[] };
  return {
    ...(raw.m === undefined ? {} : { namesBefore: raw.m }),
    ...(raw.n === undefined ? {} : { namesAfter: raw.n }),
    before: decodeServices(raw.w ?? []),
    after: decodeServices(raw.v ?? []),
  };
}

/** What a kind of change says of the state on each side. */
const statesOf: Readonly<Record<Change['kind'], { before?: Facts['state']; after?: Facts['state'] }>> = {
  host_new: { after: 'up' },
  host_gone: { before: 'up', after: 'gone' },
  host_returned: { before: 'gone', after: 'up' },
  name_changed: {},
  port_opened: { before: 'not_open', after: 'open' },
  port_closed: { before: 'open', after: 'not_open' },
  port_reopened: { before: 'not_open', after: 'open' },
  service_changed: {},
};

function factsOn(
  side: 'before' | 'after',
  kind: Change['kind'],
  facts: RowFacts,
  port: PortKey | undefined,
): Facts | undefined {
  const state = statesOf[kind][side];
  const names = side === 'before' ? facts.namesBefore : facts.namesAfter;
  const service = port === undefined ? undefined : facts[side].get(port);
  if (state === undefined && names === undefined && service === undefined) return undefined;
  return {
    ...(state === undefined ? {} : { state }),
    ...(names === undefined ? {} : { names }),
    ...(service === undefined ? {} : { service }),
  };
}
