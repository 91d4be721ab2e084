import { endpointPlace } from './drift-row.ts';
import { timeText, word } from './row-values.ts';
import type { Surface } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

/** What a statement says, as the API has it. */
export interface FactsNode {
  readonly selector: string;
  readonly view: string | null;
  readonly ports: string | null;
  readonly expect: string;
  readonly service: string | null;
  readonly owner: string | null;
  readonly ticket: string | null;
  readonly description: string | null;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly locked: boolean;
}

const factsFields = `selector view ports expect service owner ticket description validFrom validUntil locked`;

/** What an import does to one statement, as the API has it. */
export interface ItemNode {
  readonly action: 'CREATE' | 'UPDATE' | 'DELETE';
  readonly externalId: string;
  readonly before: FactsNode | null;
  readonly after: FactsNode | null;
}

/** The fields of an item in a document. */
export const itemFields = `action externalId before { ${factsFields} } after { ${factsFields} }`;

/** A row that was not used, as the API has it. */
export interface RowNode {
  readonly line: number | null;
  readonly record: number | null;
  readonly name: string | null;
  readonly reason: string;
}

/** The fields of a rejected row in a document. */
export const rowFields = 'line record name reason';

/** A brake, as the API has it. */
export interface BrakeNode {
  readonly kind: string;
  readonly observed: string;
  readonly limit: string;
  readonly message: string;
}

/** The fields of a brake in a document. */
export const brakeFields = 'kind observed limit message';

/** A plan, as the API has it. */
export interface PlanNode {
  readonly hash: string;
  readonly mode: string;
  readonly format: string;
  readonly baseRevision: number;
  readonly networks: readonly string[] | null;
  readonly source: { readonly name: string };
  readonly counts: Readonly<
    Record<'created' | 'updated' | 'deleted' | 'unchanged' | 'rejected' | 'skipped', number>
  >;
  readonly impact: Readonly<Record<'wouldOpen' | 'wouldResolve' | 'wouldHideForbidden' | 'assessed', number>>;
  readonly brakes: readonly BrakeNode[];
  readonly warnings: readonly string[];
  readonly items: readonly ItemNode[];
  readonly rejected: readonly RowNode[];
  readonly skipped: readonly RowNode[];
  readonly conflicts: readonly {
    readonly winner: ConflictSide;
    readonly loser: ConflictSide;
  }[];
  readonly createdAt: string;
  readonly expiresAt: string;
}

interface ConflictSide {
  readonly externalId: string;
  readonly expect: string;
  readonly source: { readonly name: string };
}

const shown = { items: 1000, rows: 100, conflicts: 20 };

const sideFields = 'externalId expect source { name }';

/** The fields of a plan in a document. */
export const planFields = `
  hash mode format baseRevision networks source { name }
  counts { created updated deleted unchanged rejected skipped }
  impact { wouldOpen wouldResolve wouldHideForbidden assessed }
  brakes { ${brakeFields} } warnings
  items(first: ${shown.items}) { ${itemFields} }
  rejected(first: ${shown.rows}) { ${rowFields} }
  skipped(first: ${shown.rows}) { ${rowFields} }
  conflicts(first: ${shown.conflicts}) { winner { ${sideFields} } loser { ${sideFields} } }
  createdAt expiresAt
`;

/** A plan for people, as terraform writes them; safe to print. */
export function planText(plan: PlanNode, surface: Surface): string {
  const { counts, items } = plan;
  const more = counts.created + counts.updated + counts.deleted - items.length;
  const parts = [
    `${terminalText(headOf(plan))}\n`,
    itemsText(items, surface),
    more > 0 ? `  … and ${more} more\n` : '',
    rowsText('not usable', plan.rejected, counts.rejected),
    rowsText('left out on purpose', plan.skipped, counts.skipped),
    linesText('Contradictions:', plan.conflicts.map(conflictText)),
    linesText('Warnings:', plan.warnings),
    linesText(
      'Brakes:',
      plan.brakes.map(({ kind, message }) => `${word(kind)}: ${message}`),
    ),
    `\n${countsText(counts)}\n${impactText(plan)}\n${leftOutText(counts)}`,
  ];
  return parts.join('');
}

function leftOutText({ rejected }: PlanNode['counts']): string {
  if (rejected === 0) return '';
  return `Not usable: ${rejected} ${rejected === 1 ? 'row' : 'rows'}, see above.\n`;
}

function headOf({ source, baseRevision, mode, format, networks }: PlanNode): string {
  const where = networks === null ? '' : ` of ${networks.join(', ')}`;
  return `Source ${source.name} at revision ${baseRevision}, ${word(mode)}${where} (${format})`;
}

/** Statements line by line with the symbols of a plan; safe to print. */
export function itemsText(items: readonly ItemNode[], { colours }: Pick<Surface, 'colours'>): string {
  const symbols = {
    CREATE: colours.green('+'),
    UPDATE: colours.yellow('~'),
    DELETE: colours.red('-'),
  };
  const lines = items.map((item) => `  ${symbols[item.action]} ${terminalText(itemText(item))}\n`);
  return lines.length === 0 ? '' : `\n${lines.join('')}`;
}

function itemText({ action, externalId, before, after }: ItemNode): string {
  const facts = after ?? before;
  if (facts === null) return externalId;
  const name = externalId === naturalName(facts) ? '' : `${externalId}: `;
  if (action !== 'UPDATE' || before === null || after === null) return `${name}${factsText(facts)}`;
  return `${name}${placeText(after)}: ${differencesOf(before, after).join(', ')}`;
}

/** What a statement without a name of its own is called: whom, from where, which ports. */
function naturalName({ selector, view, ports }: FactsNode): string {
  return `${selector} ${view ?? '*'} ${ports ?? 'host'}`;
}

/** What a statement says in one line, such as `192.0.2.10:443/tcp required from outside (web, CHG1)`. */
export function factsText(facts: FactsNode): string {
  const notes = [
    ...(facts.owner === null ? [] : [facts.owner]),
    ...(facts.ticket === null ? [] : [facts.ticket]),
    ...(facts.validFrom === null ? [] : [`from ${timeText(facts.validFrom)}`]),
    ...(facts.validUntil === null ? [] : [`until ${timeText(facts.validUntil)}`]),
    ...(facts.locked ? ['locked'] : []),
  ];
  const said = `${placeText(facts)} ${word(facts.expect)}`;
  return notes.length === 0 ? said : `${said} (${notes.join(', ')})`;
}

function placeText({ selector, view, ports }: FactsNode): string {
  const from = view === null ? '' : ` from ${view}`;
  return `${endpointPlace(selector, ports)}${from}`;
}

function differencesOf(before: FactsNode, after: FactsNode): string[] {
  const fields = Object.keys(after) as (keyof FactsNode)[];
  return fields
    .filter((field) => before[field] !== after[field])
    .map((field) => `${labels[field] ?? field} ${valueText(before[field])} -> ${valueText(after[field])}`);
}

const labels: Readonly<Partial<Record<keyof FactsNode, string>>> = {
  validFrom: 'valid from',
  validUntil: 'valid until',
};

function valueText(value: string | boolean | null): string {
  if (value === null) return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return /^[A-Z]+$/.test(value) ? word(value) : `"${value}"`;
}

/** Rows that were not used; safe to print. */
export function rowsText(what: string, rows: readonly RowNode[], count: number): string {
  if (count === 0) return '';
  const lines = rows.map((row) => `  ? ${terminalText(`${rowPlace(row)}${row.reason}`)}\n`);
  const more = count - rows.length;
  const rest = more > 0 ? `  … and ${more} more\n` : '';
  return `\n${count} ${count === 1 ? 'row' : 'rows'} ${what}:\n${lines.join('')}${rest}`;
}

function rowPlace({ line, record, name }: RowNode): string {
  const place = line !== null ? `line ${line}` : record !== null ? `record ${record}` : '';
  const said = [place, name === null ? '' : `"${name}"`].filter((part) => part !== '').join(', ');
  return said === '' ? '' : `${said}: `;
}

function linesText(title: string, lines: readonly string[]): string {
  if (lines.length === 0) return '';
  return `\n${title}\n${lines.map((line) => `  ! ${terminalText(line)}\n`).join('')}`;
}

function conflictText({ winner, loser }: PlanNode['conflicts'][number]): string {
  const side = ({ source, externalId, expect }: ConflictSide) =>
    `${source.name} "${externalId}" ${word(expect)}`;
  return `${side(winner)} wins over ${side(loser)}`;
}

/** The line of a plan that counts. */
export function countsText({ created, updated, deleted, unchanged, rejected }: PlanNode['counts']): string {
  if (created + updated + deleted === 0)
    return `Plan: no changes; ${unchanged} unchanged${rejected === 0 ? '' : `, ${rejected} not usable`}.`;
  return `Plan: ${created} to create, ${updated} to change, ${deleted} to delete.`;
}

function impactText({ impact }: PlanNode): string {
  const { wouldOpen, wouldResolve, wouldHideForbidden, assessed } = impact;
  const hidden =
    wouldHideForbidden === 0 ? '' : `, ${wouldHideForbidden} of them open ports that are forbidden now`;
  return `Drift: would open ${wouldOpen}, resolve ${wouldResolve}${hidden} (${assessed} assessed).`;
}
