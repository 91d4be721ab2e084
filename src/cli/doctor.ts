import type { Command } from 'commander';
import type { createColors } from 'picocolors';
import { type PlaceOptions, placeOf } from '../config.ts';
import { type Check, checksOf } from './doctor-checks.ts';
import { exitCodes } from './failure.ts';
import { addPlaceOptions } from './place-options.ts';
import { jsonOf } from './row-printer.ts';
import { outputSurface, print } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

interface DoctorOptions extends PlaceOptions {
  readonly json?: boolean;
}

/** Adds `doctor`: whether everything that the program needs is there and well. */
export function addDoctor(program: Command): void {
  const command = program
    .command('doctor')
    .description(
      'check Node, database, disk, clock and whether scanners are overdue; exit code 2 if something is wrong',
    )
    .option('--json', 'print the checks as JSON, one on each line');
  addPlaceOptions(command).action(doctor);
}

async function doctor({ json, ...options }: DoctorOptions): Promise<void> {
  const { colours } = outputSurface();
  let wrong = 0;
  for await (const check of checksOf(placeOf(options, process.env))) {
    if (check.result === 'error') wrong += 1;
    await print(json === true ? `${jsonOf(check)}\n` : checkLine(check, colours));
  }
  if (wrong > 0) process.exitCode = exitCodes.error;
}

function checkLine(
  { name, result, detail, remedy }: Check,
  colours: ReturnType<typeof createColors>,
): string {
  const paint = { ok: colours.green, warning: colours.yellow, error: colours.red }[result];
  const hint = remedy === undefined ? '' : ` ${remedy}`;
  return `${paint(result.padEnd(8))}${name.padEnd(10)}${terminalText(`${detail}${hint}`)}\n`;
}
