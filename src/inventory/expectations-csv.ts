import { columnsIn, type Row, readTable } from './csv-table.ts';
import { type InventoryImporter, InventoryRefused, type StatementField } from './importer.ts';
import { ended, stated } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { type StatementTexts, statementRow } from './statement-row.ts';

const columns: Readonly<Record<string, StatementField>> = {
  external_id: 'externalId',
  address_space: 'addressSpace',
  selector: 'selector',
  view: 'view',
  protocol: 'protocol',
  ports: 'ports',
  expect: 'expect',
  service: 'service',
  valid_from: 'validFrom',
  valid_until: 'validUntil',
  owner: 'owner',
  ticket: 'ticket',
  description: 'description',
  locked: 'locked',
};

const fields = Object.entries(columns);

/** Our own table: one statement per line, as every CMDB can export it on its first day. */
export const expectationsCsv: InventoryImporter = {
  name: 'expectations-csv',
  title: 'a table of statements: selector, view, protocol, ports, expect, …',
  recognises(head) {
    const names = columnsIn(headText(head));
    return names.includes('selector') && names.includes('expect');
  },
  async *read(source, options) {
    const cut = yield* readTable(source, {
      columns: checkColumns,
      row: (row, place) => [stated(place, statementRow(textsOf(row), options))],
    });
    yield ended(cut, { isSnapshot: true });
  },
};

function checkColumns(names: readonly string[]): void {
  const unknown = names.filter((name) => !Object.hasOwn(columns, name));
  const missing = ['selector', 'expect'].filter((name) => !names.includes(name));
  if (unknown.length === 0 && missing.length === 0) return;
  const said = [
    ...missing.map((name) => `the column "${name}" is missing`),
    ...unknown.slice(0, 5).map((name) => `there is no column "${name.slice(0, 40)}"`),
  ];
  throw new InventoryRefused(
    'NOT_AN_INVENTORY',
    `Of the table, ${said.join(', ')}. Columns: ${Object.keys(columns).join(', ')}.`,
  );
}

function textsOf(row: Row): StatementTexts {
  const texts: Partial<Record<StatementField, string | undefined>> = {};
  for (const [column, field] of fields) texts[field] = row(column);
  return texts;
}
