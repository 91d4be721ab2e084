import { columnsIn, type Row, readTable } from './csv-table.ts';
import {
  type ImportOptions,
  type InventoryImporter,
  InventoryRefused,
  type StatementRow,
} from './importer.ts';
import { ended, stated, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { refuseLocal, stripMask } from './selector-text.ts';
import { present, statementRow } from './statement-row.ts';

const needed = ['name', 'protocol', 'ports', 'ipaddresses'];

/** Services in the form in which NetBox imports them; what its tables export has other columns. */
export const netboxCsv: InventoryImporter = {
  name: 'netbox-csv',
  title: 'NetBox services as CSV, in the columns of its import',
  recognises(head) {
    const names = columnsIn(headText(head));
    return needed.every((name) => names.includes(name));
  },
  async *read(source, options) {
    const cut = yield* readTable(source, {
      columns: checkColumns,
      row: (row, place) => rowsOf(row, options).map((each) => stated(place, each)),
    });
    yield ended(cut, { isSnapshot: true });
  },
};

function checkColumns(names: readonly string[]): void {
  const missing = needed.filter((name) => !names.includes(name));
  if (missing.length === 0) return;
  throw new InventoryRefused(
    'NOT_AN_INVENTORY',
    `Services of NetBox need the columns ${needed.join(', ')}; ${missing.join(', ')} are missing. ` +
      'Service templates have no addresses, and the tables of its pages have other columns.',
  );
}

function rowsOf(row: Row, options: ImportOptions): readonly StatementRow[] {
  const parent = ['parent', 'device', 'virtual_machine'].map((name) => present(row(name))).find(Boolean);
  const addresses = (row('ipaddresses') ?? '').split(/[\s,;]+/).filter((text) => text !== '');
  if (addresses.length === 0)
    unreadable(`it means all addresses of ${parent ?? 'its parent'}, which the table does not have`);
  return addresses.map(stripMask).map((selector) => {
    refuseLocal(selector, options);
    const id = present(row('id'));
    return statementRow(
      {
        externalId: id === undefined ? undefined : `${id}/${selector}`,
        selector,
        ports: row('ports'),
        protocol: row('protocol'),
        service: row('name'),
        description: [parent, present(row('description'))].filter(Boolean).join(': '),
      },
      options,
    );
  });
}
