import { type NdiffHostPair, type NdiffOptions, ndiffHosts } from '../core/ndiff.ts';
import type { NdiffScan } from '../core/ndiff-facts.ts';
import { ndiffTextEnd, ndiffTextHead, ndiffTextHost } from '../output/ndiff-text.ts';
import { ndiffXmlEnd, ndiffXmlHead, ndiffXmlHost } from '../output/ndiff-xml.ts';
import { readNdiffSide } from './diff-ndiff-side.ts';
import { print, tell } from './terminal.ts';
import { harmlessLines, terminalLines } from './terminal-text.ts';

/** How ndiff's output is asked for. */
export interface NdiffRequest {
  readonly format?: string;
  readonly formatA?: string;
  readonly formatB?: string;
  readonly xml?: boolean;
  readonly verbose?: boolean;
}

/** Texts that are printed at once. */
const chunkCharacters = 64 << 10;

/**
 * Compares two reports as ndiff does and prints what it prints. Control characters and directions are shown as escapes,
 * on a terminal every odd character; all else is ndiff's, byte for byte.
 */
export async function printNdiff(before: string, after: string, request: NdiffRequest): Promise<number> {
  const { format, formatA = format, formatB = format } = request;
  const a = await readNdiffSide(before, formatA);
  const b = await readNdiffSide(after, formatB);
  for (const { file, problems } of [a, b]) for (const problem of problems) tell(`${file}: ${problem}.`);
  const isTerminal = process.stdout.isTTY === true;
  const show = (text: string) => print(isTerminal ? terminalLines(text) : harmlessLines(text));
  const output = ndiffOutput(a.scan, b.scan, request);
  let text = '';
  for (let next = output.next(); ; next = output.next()) {
    if (next.done === true) {
      await show(text);
      return next.value;
    }
    text += next.value;
    if (text.length < chunkCharacters) continue;
    await show(text);
    text = '';
  }
}

/** What ndiff says of two scans, in pieces; the last value is its exit code: 0 for equal hosts, 1 for others. */
export function* ndiffOutput(
  before: NdiffScan,
  after: NdiffScan,
  { xml = false, verbose = false }: NdiffRequest,
): Generator<string, 0 | 1> {
  const options = { verbose };
  const writer = xml ? xmlWriter : textWriter;
  let code: 0 | 1 = 0;
  yield writer.head(before, after, options);
  for (const pair of ndiffHosts(before, after, options)) {
    if (pair.cost > 0) code = 1;
    yield writer.host(pair, options);
  }
  yield writer.end(before, after, options);
  return code;
}

interface NdiffWriter {
  head(before: NdiffScan, after: NdiffScan, options: NdiffOptions): string;
  host(pair: NdiffHostPair, options: NdiffOptions): string;
  end(before: NdiffScan, after: NdiffScan, options: NdiffOptions): string;
}

const textWriter: NdiffWriter = { head: ndiffTextHead, host: ndiffTextHost, end: ndiffTextEnd };
const xmlWriter: NdiffWriter = { head: ndiffXmlHead, host: ndiffXmlHost, end: ndiffXmlEnd };
