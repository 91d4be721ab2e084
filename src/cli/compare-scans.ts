import { noDifferences } from '../core/difference-lines.ts';
import { encodeGlobalId } from '../graphql/global-id.ts';
import { type Api, readPages } from './api.ts';
import { placeOf, summaryOf } from './diff-text.ts';
import {
  type NetworkOptions,
  networkFilter,
  type OutputOptions,
  type PortOptions,
  portFilter,
  printerFor,
  printPages,
} from './row-options.ts';
import { word } from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

interface Options extends OutputOptions, NetworkOptions, PortOptions {}

/** Prints what two stored scans say otherwise. */
export async function compareScans(
  api: Api,
  { before, after }: { readonly before: number; readonly after: number },
  options: Options,
): Promise<void> {
  const [a, b] = [before, after].map((id) => encodeGlobalId('Scan', String(id)));
  const scans = { a, b };
  const { counts } = await api.query<{ counts: Counts }>(countDocument, {
    ...scans,
    networks: options.network,
  });
  await printPages(lineRows(api, scans, options), printerFor(options, columns));
  if (options.output !== 'table') return;
  if (!counts.comparable)
    tell('Nothing in the two scans can be compared: they did not look at the same things.');
  else tell(summaryOf(counts, BigInt(counts.commonAddresses)));
}

async function* lineRows(
  api: Api,
  variables: Readonly<Record<string, unknown>>,
  options: Options,
): AsyncGenerator<readonly ReturnType<typeof rowOf>[]> {
  const which = { ...networkFilter(options), ...portFilter(options) };
  const reading = { document, field: 'compareScans', filter: which, variables, limit: options.limit };
  for await (const nodes of readPages<Node>(api, reading)) yield nodes.map(rowOf);
}

const document = /* GraphQL */ `
  query ($a: ID!, $b: ID!, $filter: ScanDifferenceFilter, $first: Int, $after: String) {
    compareScans(a: $a, b: $b, filter: $filter, first: $first, after: $after) {
      nodes { kind subject address ports before after detail }
      pageInfo { hasNextPage endCursor }
    }
  }
`;

const countDocument = /* GraphQL */ `
  query ($a: ID!, $b: ID!, $networks: [Network!]) {
    counts: countScanDifferences(a: $a, b: $b, networks: $networks) {
      ${Object.keys(noDifferences()).join(' ')} comparable commonAddresses
    }
  }
`;

type Counts = ReturnType<typeof noDifferences> & {
  readonly comparable: boolean;
  readonly commonAddresses: string;
};

interface Node {
  readonly kind: 'ADDED' | 'REMOVED' | 'CHANGED' | 'NOT_COMPARABLE';
  readonly subject: string;
  readonly address: string;
  readonly ports: string | null;
  readonly before: string | null;
  readonly after: string | null;
  readonly detail: string | null;
}

function rowOf({ kind, subject, ...rest }: Node) {
  return { kind: word(kind), subject: word(subject), ...rest };
}

const symbols: Readonly<Record<string, string>> = {
  added: '+',
  removed: '-',
  changed: '~',
  not_comparable: '?',
};

const columns: readonly Column<ReturnType<typeof rowOf>>[] = [
  { title: '', whole: true, value: ({ kind }) => symbols[kind] ?? '' },
  {
    title: 'where',
    whole: true,
    value: ({ address, ports }) => placeOf({ address, ...(ports === null ? {} : { ports }) }),
  },
  { title: 'what', value: ({ subject }) => subject },
  { title: 'before', value: ({ before }) => before ?? '' },
  { title: 'after', value: ({ after }) => after ?? '' },
  { title: 'besides', value: ({ detail }) => detail ?? '' },
];
