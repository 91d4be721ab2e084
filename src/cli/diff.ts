import { type Command, Option } from 'commander';
import { isDifferent } from '../core/compare.ts';
import { commonGround, compareScans, haveOneProfile } from '../core/compare-scans.ts';
import { linesOf, noDifferences } from '../core/difference-lines.ts';
import { readNetworks, readNumber, readPortsArgument, readWord } from './argument-values.ts';
import { type DiffFormat, diffFormats, diffWriter } from './diff-formats.ts';
import { indexRecords, type KnownRecords, readSide, type Side, type SideRequest } from './diff-side.ts';
import { explain, Failure } from './failure.ts';
import { outputSurface, print, tell } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

interface DiffOptions {
  readonly output: DiffFormat;
  readonly ndiff?: boolean;
  readonly xml?: boolean;
  readonly verbose?: boolean;
  readonly exitCode?: number;
  readonly format?: string;
  readonly formatA?: string;
  readonly formatB?: string;
  readonly addresses?: readonly string[];
  readonly addressesA?: readonly string[];
  readonly addressesB?: readonly string[];
  readonly ports?: string;
  readonly portsA?: string;
  readonly portsB?: string;
}

/** How a comparison ends; the shell sees the number. */
const diffCodes = { equal: 0, different: 1, nothingComparable: 3 } as const;

/** Adds `diff`: two reports of any format against each other. */
export function addDiff(program: Command): void {
  const command = program
    .command('diff')
    .description('compare two reports of any formats; needs neither server nor database')
    .argument('<before>', 'the earlier report; - is standard input')
    .argument('<after>', 'the later report; - is standard input')
    .addOption(
      new Option('-o, --output <format>', `one of ${diffFormats.join(', ')}`)
        .argParser(readWord(diffFormats))
        .default('text')
        .helpGroup('Output:'),
    )
    .addOption(
      new Option('--exit-code <number>', 'end with this instead of 1 where the reports differ')
        .argParser(readNumber(0, 255))
        .helpGroup('Output:'),
    );
  addScopeOptions(command);
  command
    .addOption(
      new Option('--ndiff', 'compare as ndiff does and print what ndiff prints').helpGroup('As ndiff:'),
    )
    .addOption(new Option('--xml', "ndiff's XML instead of its text").helpGroup('As ndiff:'))
    .addOption(new Option('-v, --verbose', 'also what is equal').helpGroup('As ndiff:'))
    .addHelpText('after', diffHelp)
    .action(diff);
}

function addScopeOptions(command: Command): void {
  const sides = [
    ['', 'of both reports'],
    ['-a', 'of the earlier one'],
    ['-b', 'of the later one'],
  ] as const;
  const option = (flags: string, description: string) =>
    new Option(flags, description).helpGroup('What the reports do not say themselves:');
  for (const [side, whose] of sides) {
    command
      .addOption(option(`--format${side} <name>`, `the format ${whose}; without it, it is detected`))
      .addOption(
        option(`--addresses${side} <networks>`, `the covered addresses ${whose}`).argParser(readNetworks),
      )
      .addOption(option(`--ports${side} <ports>`, `the covered ports ${whose}`).argParser(readPortsArgument));
  }
}

const diffHelp = `
Lines: + new, - gone, ~ otherwise, ? open on one side where the other did not look. What one report did not look
at is never new or gone: compare scans of the same scope, or name the scope where a report does not state it.

Exit codes: 0 no difference, 1 differences, 2 error, 3 nothing in the reports can be compared.

--ndiff prints what ndiff 7.9x prints (with TZ=UTC), byte for byte, except that it goes on where ndiff crashes: two
scripts on one port, a changed script and nothing else, missing attributes, strange address types, cut-off files;
and that control characters and directions stand as escapes such as \\u001b.
Its exit codes are ndiff's: 0 equal hosts, 1 different hosts, 2 error; scope plays no part.`;

async function diff(before: string, after: string, options: DiffOptions, command: Command): Promise<void> {
  if (before === '-' && after === '-') throw new Failure('Only one of the reports can be standard input');
  if (options.ndiff === true) {
    if (command.getOptionValueSource('output') === 'cli')
      throw new Failure('--ndiff prints what ndiff prints: leave -o out, or add --xml');
    const { printNdiff } = await import('./diff-ndiff.ts');
    process.exitCode = softened(await printNdiff(before, after, options), options);
    return;
  }
  if (options.xml === true || options.verbose === true)
    throw new Failure('--xml and --verbose belong to --ndiff; add it, or choose an output with -o');
  const [a, b] = await readSides(requestsOf(before, after, options));
  for (const side of [a, b]) tellSide(side);
  process.exitCode = softened(await printDifferences(a, b, options.output), options);
}

function requestsOf(
  before: string,
  after: string,
  options: DiffOptions,
): Record<'before' | 'after', SideRequest> {
  const { format, addresses, ports } = options;
  return {
    before: {
      file: before,
      format: options.formatA ?? format,
      addresses: options.addressesA ?? addresses,
      ports: options.portsA ?? ports,
    },
    after: {
      file: after,
      format: options.formatB ?? format,
      addresses: options.addressesB ?? addresses,
      ports: options.portsB ?? ports,
    },
  };
}

/**
 * Reads both reports. What both say with the same bytes is read in neither, as long as they looked in the same
 * way: that is most of two scans of one network.
 */
async function readSides({ before, after }: ReturnType<typeof requestsOf>): Promise<[Side, Side]> {
  const first = (known?: KnownRecords) => named(before.file, () => readSide(before, known));
  const second = (known?: KnownRecords) => named(after.file, () => readSide(after, known));
  const isTwice = before.file !== '-' && after.file !== '-';
  const index = isTwice ? await named(before.file, () => indexRecords(before)) : undefined;
  const b = await second(index);
  if (index === undefined || b.shared.size === 0) return [await first(), b];
  const a = await first({ manner: index.manner, addresses: b.shared });
  if (a.shared.size === b.shared.size && haveOneProfile(a, b)) return [a, b];
  return [await first(), await second()];
}

function softened(code: number, { exitCode }: DiffOptions): number {
  return code === diffCodes.different ? (exitCode ?? code) : code;
}

/** Texts that are printed at once. */
const chunkCharacters = 64 << 10;

async function printDifferences(a: Side, b: Side, format: DiffFormat): Promise<number> {
  const writer = diffWriter(format, outputSurface());
  const counts = noDifferences();
  let different = false;
  let text = writer.begin(a, b);
  for (const difference of compareScans(a, b)) {
    different ||= isDifferent(difference);
    text += writer.host(difference, linesOf(difference, counts));
    if (text.length < chunkCharacters) continue;
    await print(text);
    text = '';
  }
  const { addresses, isComparable } = commonGround(a, b);
  const comparable = different || isComparable;
  await print(text + writer.end({ counts, different, comparable, commonAddresses: addresses }));
  if (!comparable) tell('Nothing in the two reports can be compared: they did not look at the same things.');
  if (different) return diffCodes.different;
  return comparable ? diffCodes.equal : diffCodes.nothingComparable;
}

/** What a person should know about how a report was read. */
function tellSide({ file, runs, problems, problemCount, hostsOutside }: Side): void {
  for (const { header, end } of runs) {
    for (const warning of header.warnings) tell(`${file}: ${warning}`);
    if (end?.complete !== true)
      tell(
        `${file}: the scan is partial: ${end?.reason ?? 'it did not reach its end'}. Nothing is gone because of it.`,
      );
  }
  for (const { offset, line, address, reason } of problems) {
    const place = line === undefined ? `byte ${offset}` : `line ${line}`;
    tell(`${file}: problem at ${place}${address === undefined ? '' : `, ${address}`}: ${reason}.`);
  }
  const more = problemCount - problems.length;
  if (more > 0) tell(`${file}: ${more} more problems.`);
  if (hostsOutside > 0)
    tell(`${file}: ${hostsOutside} listed hosts are outside the scope and were left out.`);
}

/** An error says which of the two files it is about. */
async function named<T>(file: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { sentence, unexpected } = explain(error);
    if (unexpected || sentence.includes(file)) throw error;
    throw new Failure(`${terminalText(file)}: ${sentence}`, { cause: error });
  }
}
