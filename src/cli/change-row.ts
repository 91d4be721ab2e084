import type { ChangeKind } from '../core/change.ts';
import {
  numberOf,
  placeText,
  type ServiceFields,
  type SourceFields,
  serviceFields,
  serviceText,
  sourceFields,
  timeText,
  word,
} from './row-values.ts';
import type { Column } from './table.ts';
import type { Surface } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

/** The fields of an entry of the change log in a document. */
export const changeFields = `
  cursor kind code at observedAt loggedAt address port protocol
  addressSpace { name } ${sourceFields} scan { id }
  before { state names ${serviceFields} }
  after { state names ${serviceFields} }
  confirmations baseline retracted reason retracts { cursor }
`;

interface FactFields {
  readonly state: string | null;
  readonly names: readonly string[] | null;
  readonly service: ServiceFields | null;
}

/** An entry of the change log as the API has it. */
export interface ChangeNode {
  readonly cursor: string;
  readonly kind: string;
  readonly code: number;
  readonly at: string;
  readonly observedAt: string | null;
  readonly loggedAt: string;
  readonly address: string;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly addressSpace: { readonly name: string };
  readonly scanner: SourceFields;
  readonly scan: { readonly id: string };
  readonly before: FactFields | null;
  readonly after: FactFields;
  readonly confirmations: number;
  readonly baseline: boolean;
  readonly retracted: boolean;
  readonly reason: string | null;
  readonly retracts: { readonly cursor: string } | null;
}

/** An entry of the change log in JSON. */
export type ChangeRow = ReturnType<typeof changeRow>;

/** The row of an entry. */
export function changeRow(node: ChangeNode) {
  const facts = (side: FactFields) => ({ ...side, state: side.state === null ? null : word(side.state) });
  const { addressSpace, scanner, scan, ...rest } = node;
  return {
    ...rest,
    kind: word(node.kind) as ChangeKind,
    protocol: node.protocol === null ? null : word(node.protocol),
    space: addressSpace.name,
    scanner: scanner.name,
    group: scanner.group.name,
    scan: numberOf(scan.id),
    before: node.before && facts(node.before),
    after: facts(node.after),
    reason: node.reason === null ? null : word(node.reason),
    retracts: node.retracts?.cursor ?? null,
  };
}

/** How a kind reads: a symbol for the eye, words for everybody. */
const readings: Readonly<Record<ChangeKind, { readonly symbol: '+' | '-' | '~'; readonly words: string }>> = {
  host_new: { symbol: '+', words: 'new host' },
  host_gone: { symbol: '-', words: 'gone' },
  host_returned: { symbol: '+', words: 'back' },
  name_changed: { symbol: '~', words: 'name' },
  port_opened: { symbol: '+', words: 'open' },
  port_closed: { symbol: '-', words: 'closed' },
  port_reopened: { symbol: '+', words: 'open again' },
  service_changed: { symbol: '~', words: 'service' },
};

/** An entry as one line for people, such as `+ 10.1.2.3:8080/tcp open (http), seen by lan-1 at …`. */
export function changeLine(row: ChangeRow, { colours }: Surface): string {
  const { symbol, words } = readings[row.kind];
  const paint = { '+': colours.green, '-': colours.red, '~': colours.yellow }[symbol];
  const said = [placeText(row), words, detailOf(row)].filter((part) => part !== '').join(' ');
  const notes = [
    `seen by ${row.scanner} at ${timeText(row.at)}`,
    ...(row.baseline ? ['first observed'] : []),
    ...(row.retracted ? ['taken back later'] : []),
  ].join(', ');
  const line = `${paint(symbol)} ${terminalText(isForgotten(row) ? forgottenText(row) : `${said}, ${notes}`)}`;
  if (row.retracts === null) return `${line}\n`;
  return `${colours.yellow('!')} ${terminalText(`taken back (${row.reason?.replaceAll('_', ' ') ?? 'no reason'}):`)} ${line}\n`;
}

/** Whether a person said that another machine has the address: then nobody saw it go. */
export function isForgotten({ reason, retracts }: ChangeRow): boolean {
  return reason === 'host_forgotten' && retracts === null;
}

function forgottenText(row: ChangeRow): string {
  return `${placeText(row)} forgotten for ${row.scanner} at ${timeText(row.loggedAt)}`;
}

function detailOf({ kind, before, after }: ChangeRow): string {
  if (kind === 'name_changed') return `${namesText(before?.names)} -> ${namesText(after.names)}`;
  if (kind === 'service_changed')
    return `${serviceText(before?.service) || 'unknown'} -> ${serviceText(after.service) || 'unknown'}`;
  const service = serviceText(after.service);
  const names = after.names?.join(' ') ?? '';
  const detail = service || names;
  return detail === '' ? '' : `(${detail})`;
}

function namesText(names: readonly string[] | null | undefined): string {
  return names && names.length > 0 ? names.join(' ') : 'no name';
}

/** The columns of entries in CSV. */
export const changeColumns: readonly Column<ChangeRow>[] = [
  { title: 'cursor', value: ({ cursor }) => cursor },
  { title: 'at', value: ({ at }) => at },
  { title: 'kind', value: ({ kind }) => kind },
  { title: 'space', value: ({ space }) => space },
  { title: 'address', value: ({ address }) => address },
  { title: 'port', value: ({ port }) => String(port ?? '') },
  { title: 'protocol', value: ({ protocol }) => protocol ?? '' },
  { title: 'detail', value: (row) => detailOf(row).replace(/^\((.*)\)$/s, '$1') },
  { title: 'scanner', value: ({ scanner }) => scanner },
  { title: 'scan', value: ({ scan }) => String(scan) },
  { title: 'baseline', value: ({ baseline }) => String(baseline) },
  { title: 'retracts', value: ({ retracts }) => retracts ?? '' },
  { title: 'retracted', value: ({ retracted }) => String(retracted) },
];
