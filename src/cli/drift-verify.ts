import type { Command } from 'commander';
import type { Api } from './api.ts';
import { readNetworks } from './argument-values.ts';
import { partsOf } from './drift-coverage.ts';
import { addViewOptions, type PartOptions } from './drift-options.ts';
import { driftCodes } from './drift-tally.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addOutputOptions, filter, type OutputOptions, printerFor, printPages } from './row-options.ts';
import { endpointText, word } from './row-values.ts';
import type { Column } from './table.ts';
import { tell } from './terminal.ts';

/** Adds `drift verify`: the stored drift against a full recomputation. */
export function addDriftVerify(drift: Command): void {
  const verify = drift
    .command('verify')
    .description('compute all drift anew and compare it with what is stored; changes nothing')
    .addHelpText('after', '\nExit codes: 0 the same, 1 differences (a mistake of the program), 2 error.');
  addViewOptions(verify).addOption(
    filter('--network <networks>', 'inside these networks').argParser(readNetworks),
  );
  addPlaceOptions(addOutputOptions(verify, 'so many differences at most')).action(
    (options: PartOptions & OutputOptions) => withApi(options, 'existing', (api) => verifyAll(api, options)),
  );
}

interface DifferenceNode {
  readonly address: string;
  readonly port: number | null;
  readonly protocol: string | null;
  readonly side: string;
  readonly stored: string;
  readonly computed: string;
  readonly view: { readonly name: string };
}

interface Verification {
  readonly assessed: number;
  readonly open: number;
  readonly differences: readonly DifferenceNode[];
}

type DifferenceRow = ReturnType<typeof rowOf>;

function rowOf({ view, protocol, side, ...rest }: DifferenceNode, space: string) {
  return {
    ...rest,
    space,
    view: view.name,
    side: word(side),
    protocol: protocol === null ? null : word(protocol),
  };
}

async function verifyAll(api: Api, options: PartOptions & OutputOptions): Promise<void> {
  const sum = { assessed: 0, open: 0, differences: 0 };
  const pages = async function* (): AsyncGenerator<readonly DifferenceRow[]> {
    for (const place of await partsOf(api, options)) {
      const { verifyDrift } = await api.query<{ verifyDrift: Verification }>(document, { place });
      const { name } = place['addressSpace'] as { readonly name: string };
      sum.assessed += verifyDrift.assessed;
      sum.open += verifyDrift.open;
      const left = Math.max(0, (options.limit ?? Number.POSITIVE_INFINITY) - sum.differences);
      sum.differences += verifyDrift.differences.length;
      yield verifyDrift.differences.slice(0, left).map((node) => rowOf(node, name));
    }
  };
  await printPages(pages(), printerFor(options, columns));
  const found = sum.differences === 0 ? 'the same' : `${sum.differences} differences`;
  tell(`Verified: ${found}; open items: ${sum.open}, hosts assessed, once for each view: ${sum.assessed}.`);
  process.exitCode = sum.differences === 0 ? driftCodes.inSync : driftCodes.drift;
}

const document = /* GraphQL */ `
  query ($place: DriftPlaceInput!) {
    verifyDrift(place: $place) {
      assessed open
      differences { address port protocol side stored computed view { name } }
    }
  }
`;

const columns: readonly Column<DifferenceRow>[] = [
  { title: 'where', whole: true, value: endpointText },
  { title: 'from', value: ({ view }) => view },
  { title: 'side', value: ({ side }) => side },
  { title: 'stored', value: ({ stored }) => stored },
  { title: 'computed', value: ({ computed }) => computed },
];
