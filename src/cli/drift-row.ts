import type { DriftKind } from '../core/drift.ts';
import { numberOf, placeText, timeText, word } from './row-values.ts';
import type { Column } from './table.ts';

/** A drift item, as the API has it. */
export interface DriftNode {
  readonly id: string;
  readonly kind: string;
  readonly side: string;
  readonly state: string;
  readonly address: string;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly view: { readonly name: string };
  readonly addressSpace: { readonly name: string };
  readonly episode: number;
  readonly firstOpenedAt: string;
  readonly openedAt: string;
  readonly openedBy: string;
  readonly resolvedAt: string | null;
  readonly resolvedBy: string | null;
  readonly owner: string | null;
  readonly ticket: string | null;
  readonly acknowledged: { readonly at: string; readonly by: string; readonly note: string } | null;
  readonly waiver: WaiverNode | null;
  readonly unverifiable: { readonly reason: string; readonly since: string } | null;
  readonly flapping: boolean;
  readonly scan: { readonly id: string } | null;
  readonly statement: StatementNode | null;
}

interface WaiverNode {
  readonly id: string;
  readonly reason: string;
  readonly owner: string;
  readonly expiresAt: string;
}

interface StatementNode {
  readonly externalId: string;
  readonly expect: string;
  readonly selector: string;
  readonly service: string | null;
  readonly source: { readonly name: string };
}

/** The fields of a drift item in a document. */
export const driftFields = `
  id kind side state address port protocol view { name } addressSpace { name }
  episode firstOpenedAt openedAt openedBy resolvedAt resolvedBy owner ticket
  acknowledged { at by note } waiver { id reason owner expiresAt } unverifiable { reason since } flapping
  scan { id } statement { externalId expect selector service source { name } }
`;

/** A drift item, as programs get it. */
export type DriftRow = ReturnType<typeof driftRow>;

/** The row of a drift item. */
export function driftRow(node: DriftNode) {
  const { id, view, addressSpace, waiver, unverifiable, scan, statement, ...rest } = node;
  const { kind, side, state, address, port, protocol, ...about } = rest;
  return {
    id: numberOf(id),
    kind: word(kind) as DriftKind,
    side: word(side) as 'missing' | 'excess',
    state: word(state),
    space: addressSpace.name,
    view: view.name,
    address,
    port,
    protocol: protocol === null ? null : word(protocol),
    ...about,
    openedBy: word(node.openedBy),
    resolvedBy: node.resolvedBy === null ? null : word(node.resolvedBy),
    waiver: waiver && { ...waiver, id: numberOf(waiver.id) },
    unverifiable: unverifiable && { ...unverifiable, reason: word(unverifiable.reason) },
    scan: scan === null ? null : numberOf(scan.id),
    statement: statement && {
      ...statement,
      expect: word(statement.expect),
      source: statement.source.name,
    },
  };
}

/** How a kind reads. */
export const kindWords: Readonly<Record<DriftKind, string>> = {
  port_missing: 'missing',
  port_unexpected: 'unexpected',
  port_forbidden: 'forbidden',
  host_missing: 'host missing',
  host_unexpected: 'unexpected host',
  host_forbidden: 'forbidden host',
  service_mismatch: 'other service',
};

/** What stands in front of an item: `+` too much, `-` missing, `?` nobody can say any more. */
export function symbolOf({ side, unverifiable, state }: DriftRow): '+' | '-' | '?' | ' ' {
  if (state === 'resolved') return ' ';
  if (unverifiable !== null) return '?';
  return side === 'excess' ? '+' : '-';
}

/** What else is to be said of an item. */
export function notesOf(row: DriftRow): string[] {
  const { waiver, acknowledged, unverifiable, flapping, episode, state, resolvedAt, resolvedBy } = row;
  return [
    ...(state === 'resolved' ? [`resolved ${timeText(resolvedAt)} by ${causeWords(resolvedBy ?? '')}`] : []),
    ...(waiver === null
      ? []
      : [`waived until ${timeText(waiver.expiresAt)} by ${waiver.owner}: ${waiver.reason}`]),
    ...(acknowledged === null ? [] : [`seen by ${acknowledged.by}`]),
    ...(unverifiable === null ? [] : [`not verifiable: ${unverifiable.reason.replaceAll('_', ' ')}`]),
    ...(flapping ? ['flapping'] : []),
    ...(episode > 1 ? [`episode ${episode}`] : []),
  ];
}

/** What made an item open or resolve, in words. */
export function causeWords(cause: string): string {
  return cause.replaceAll('_', ' ');
}

/** Who says what should be, in one line; `nobody declared it` where nobody does. */
export function declaredText({ statement }: DriftRow): string {
  if (statement === null) return 'nobody declared it';
  const service = statement.service === null ? '' : ` ${statement.service}`;
  return `${statement.source} says ${statement.expect}${service} (${statement.externalId})`;
}

/** An item as one sentence without its symbol. */
export function sentenceOf(row: DriftRow): string {
  const notes = notesOf(row);
  const since = `since ${timeText(row.openedAt)}`;
  return `${placeText(row)} ${kindWords[row.kind]} from ${row.view} ${since}${notes.length === 0 ? '' : ` (${notes.join('; ')})`}`;
}

/** The columns of items on a terminal. */
export const driftColumns: readonly Column<DriftRow>[] = [
  { title: '', whole: true, value: symbolOf },
  { title: 'where', whole: true, value: placeText },
  { title: 'what', whole: true, value: ({ kind }) => kindWords[kind] },
  { title: 'from', value: ({ view }) => view },
  { title: 'since', whole: true, value: ({ openedAt }) => timeText(openedAt) },
  { title: 'by', value: ({ openedBy }) => causeWords(openedBy) },
  { title: 'owner', value: ({ owner }) => owner ?? '' },
  { title: 'number', value: ({ id }) => String(id), align: 'right', whole: true },
  { title: 'notes', value: (row) => notesOf(row).join('; ') },
];

/** The columns of items in CSV. */
export const driftCsvColumns: readonly Column<DriftRow>[] = [
  { title: 'id', value: ({ id }) => String(id) },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'side', value: ({ side }) => side },
  { title: 'state', value: ({ state }) => state },
  { title: 'space', value: ({ space }) => space },
  { title: 'view', value: ({ view }) => view },
  { title: 'address', value: ({ address }) => address },
  { title: 'port', value: ({ port }) => String(port ?? '') },
  { title: 'protocol', value: ({ protocol }) => protocol ?? '' },
  { title: 'opened_at', value: ({ openedAt }) => openedAt },
  { title: 'opened_by', value: ({ openedBy }) => openedBy },
  { title: 'resolved_at', value: ({ resolvedAt }) => resolvedAt ?? '' },
  { title: 'resolved_by', value: ({ resolvedBy }) => resolvedBy ?? '' },
  { title: 'episode', value: ({ episode }) => String(episode) },
  { title: 'owner', value: ({ owner }) => owner ?? '' },
  { title: 'ticket', value: ({ ticket }) => ticket ?? '' },
  { title: 'acknowledged_by', value: ({ acknowledged }) => acknowledged?.by ?? '' },
  { title: 'waived_until', value: ({ waiver }) => waiver?.expiresAt ?? '' },
  { title: 'unverifiable', value: ({ unverifiable }) => unverifiable?.reason ?? '' },
  { title: 'flapping', value: ({ flapping }) => String(flapping) },
  { title: 'statement', value: ({ statement }) => statement?.externalId ?? '' },
  { title: 'source', value: ({ statement }) => statement?.source ?? '' },
];

/** A selector and ports as one place: `10.0.0.1:443/tcp`, `10.0.0.0/8:23/tcp`, `group:web:443/tcp`, `*`. */
export function endpointPlace(selector: string, ports: string | null): string {
  if (ports === null) return selector;
  const isV6 = /^[\da-f:.]*:[\da-f:.]*:[\da-f:.]*(\/\d+)?$/.test(selector);
  return `${isV6 ? `[${selector}]` : selector}:${ports}`;
}
