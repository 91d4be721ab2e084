import { createColors } from 'picocolors';
import { terminalLines } from './terminal-text.ts';

/** What a stream shows; only on a terminal there are colours, bars and a width to respect. */
export interface Surface {
  readonly isTerminal: boolean;
  /** Characters of one line; undefined where nothing limits it. */
  readonly width: number | undefined;
  readonly colours: ReturnType<typeof createColors>;
}

/** What standard output can show. */
export function outputSurface(): Surface {
  return surfaceOf(process.stdout);
}

/** What standard error can show. */
export function errorSurface(): Surface {
  return surfaceOf(process.stderr);
}

function surfaceOf(stream: NodeJS.WriteStream): Surface {
  const { NO_COLOR = '', TERM } = process.env;
  const isTerminal = stream.isTTY === true && TERM !== 'dumb';
  return {
    isTerminal,
    width: stream.isTTY === true ? stream.columns : undefined,
    colours: createColors(isTerminal && NO_COLOR === ''),
  };
}

/** Writes data; waits while the reader does not keep up. The text must have gone through a sanitiser. */
export async function print(text: string): Promise<void> {
  if (process.stdout.write(text)) return;
  await new Promise<void>((resolve) => process.stdout.once('drain', resolve));
}

/** Tells the person something that is not part of the data, whatever foreign values are inside. */
export function tell(text: string): void {
  process.stderr.write(`${terminalLines(text)}\n`);
}

/** Tells what went wrong, after the word that says so. */
export function tellError(sentence: string): void {
  const { colours } = errorSurface();
  process.stderr.write(`${colours.red('Error:')} ${terminalLines(sentence)}\n`);
}

/** Waits until everything that was printed has left the process. */
export async function flush(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()));
  }
}
