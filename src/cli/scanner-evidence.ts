import { type Command, Option } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { present } from '../graphql/defined.ts';
import { type Api, type Outcome, payloadOf } from './api.ts';
import { readMoment, readNumber } from './argument-values.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, type OutputOptions, printerFor } from './row-options.ts';
import { word } from './row-values.ts';
import { getNamed } from './scanner-lookup.ts';
import type { Column } from './table.ts';
import { print, tell } from './terminal.ts';

interface PreviewOptions extends PlaceOptions, OutputOptions {
  readonly since?: string;
  readonly openAfter?: number;
  readonly closedAfter?: number;
  readonly goneAfter?: number;
  readonly backAfter?: number;
}

/** Adds to `scanner` what is done with its evidence: `preview` tries thresholds, `retire` lets it no longer count. */
export function addScannerEvidence(scanner: Command): void {
  const preview = scanner
    .command('preview')
    .description('tell what other thresholds would have reported; nothing is changed')
    .argument('<name>')
    .addOption(new Option('--since <time>', 'changes since then (else all)').argParser(readMoment));
  for (const [flag, what] of [
    ['--open-after', 'open'],
    ['--closed-after', 'closed'],
    ['--gone-after', 'gone'],
    ['--back-after', 'back'],
  ] as const) {
    const description = `what counts as ${what} after so many scans in a row`;
    preview.addOption(new Option(`${flag} <scans>`, description).argParser(readNumber(1, 100)));
  }
  addPlaceOptions(addOutputOptions(preview, 'so many kinds at most')).action(
    (name: string, options: PreviewOptions) =>
      withApi(options, 'existing', (api) => tellPreview(api, name, options)),
  );
  addPlaceOptions(
    scanner.command('retire').description('let its evidence no longer count').argument('<name>'),
  ).action((name: string, options: PlaceOptions) => withApi(options, 'existing', (api) => retire(api, name)));
}

interface CountNode {
  readonly kind: string;
  readonly reported: number;
  readonly wouldReport: number;
}

interface Preview {
  readonly counts: readonly CountNode[];
  readonly suggestion: {
    readonly thresholds: Readonly<Record<string, number>>;
    readonly reasons: readonly string[];
  };
}

async function tellPreview(api: Api, name: string, options: PreviewOptions): Promise<void> {
  const { id } = await getNamed(api, 'scanner', name);
  const thresholds = present({
    openAfterScans: options.openAfter,
    closedAfterScans: options.closedAfter,
    goneAfterScans: options.goneAfter,
    backAfterScans: options.backAfter,
  });
  const since = options.since ?? new Date(0).toISOString();
  const { preview } = await api.query<{ preview: Preview }>(previewing, {
    scanner: { id },
    thresholds,
    since,
  });
  const printer = printerFor(options, columns);
  await print(printer.rows(preview.counts.map(({ kind, ...counts }) => ({ kind: word(kind), ...counts }))));
  await print(printer.end());
  const { reasons, thresholds: suggested } = preview.suggestion;
  if (reasons.length === 0) return tell('What flapped suggests no other thresholds.');
  const { openAfterScans, closedAfterScans, goneAfterScans, backAfterScans } = suggested;
  tell(
    `Suggested: --open-after ${openAfterScans} --closed-after ${closedAfterScans} --gone-after ${goneAfterScans} --back-after ${backAfterScans} (${reasons.join('; ')}).`,
  );
}

const previewing = /* GraphQL */ `
  query ($scanner: ScannerSelector!, $thresholds: ThresholdsInput!, $since: DateTime!) {
    preview: previewThresholds(scanner: $scanner, thresholds: $thresholds, since: $since) {
      counts { kind reported wouldReport }
      suggestion {
        thresholds { openAfterScans closedAfterScans goneAfterScans backAfterScans }
        reasons
      }
    }
  }
`;

const columns: readonly Column<CountNode>[] = [
  { title: 'change', value: ({ kind }) => kind.replaceAll('_', ' ') },
  { title: 'reported', value: ({ reported }) => String(reported), align: 'right' },
  { title: 'would be reported', value: ({ wouldReport }) => String(wouldReport), align: 'right' },
];

async function retire(api: Api, name: string): Promise<void> {
  const { id } = await getNamed(api, 'scanner', name);
  const { outcome } = await api.query<{ outcome: Outcome<{ scanner: { name: string } }> }>(retiring, {
    by: { id },
  });
  tell(`Retired the scanner "${payloadOf(outcome).scanner.name}": what it saw no longer counts.`);
}

const retiring = /* GraphQL */ `
  mutation ($by: ScannerSelector!) {
    outcome: retireScanner(by: $by) {
      ... on Error { message }
      ... on RetireScannerPayload { scanner { name } }
    }
  }
`;
