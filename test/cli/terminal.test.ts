import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { drportscan, run } from '../support/program.ts';
import { requires } from '../support/requires.ts';
import { temporaryDirectory } from '../support/temporary.ts';

/** Runs a command on a terminal of this width; standard output and error are one there. */
async function onTerminal(
  commands: string,
  env: Readonly<Record<string, string | undefined>> = {},
): Promise<string> {
  const typescript = `stty cols 60 2> /dev/null; drportscan() { '${process.execPath}' '${drportscan}' "$@"; }; ${commands}`;
  const { stdout } = await run('script', ['-qec', typescript, '/dev/null'], {
    cwd: temporaryDirectory(),
    env: { SHELL: '/bin/bash', TERM: 'xterm', NO_COLOR: undefined, CI: undefined, ...env },
  });
  return stdout.replaceAll('\r\n', '\n');
}

requires('script')('on a terminal', () => {
  const nowhere = 'drportscan hosts --data nowhere';

  test('errors have colours', async () => {
    expect(await onTerminal(nowhere)).toMatch(/^\u001b\[31mError:\u001b\[39m There is no database/);
  });

  test.each([{ NO_COLOR: '1' }, { TERM: 'dumb' }])('%j takes all colours away', async (env) => {
    expect(await onTerminal(nowhere, env)).toMatch(/^Error: There is no database/);
  });

  test('a dumb terminal has no bar', async () => {
    expect(await onTerminal(`${manyLines()} > lines`, { TERM: 'dumb' })).toBe('');
  });

  test('what takes long has a bar that is taken away in the end', async () => {
    const shown = await onTerminal(`${manyLines()} > lines`);
    expect(shown).toMatch(/\r\[#*\.*\] \d+% {2}[\d.]+ MB of [\d.]+ MB {2}[\d.]+ MB\/s/);
    expect(shown.endsWith('\r\u001b[K')).toBe(true);
  });

  test.each(['xterm', 'dumb'])('what is exported to a terminal (%s) cannot act on it', async (TERM) => {
    const line = JSON.stringify({
      selector: '10.0.0.1',
      expect: 'present',
      description: 'a\u001b[31mb\u202ec',
    });
    const file = join(temporaryDirectory(), 'w.jsonl');
    writeFileSync(file, `${line}\n`);
    const env = {
      TERM,
      DRPORTSCAN_DATA: temporaryDirectory(),
      DRPORTSCAN_SERVER: undefined,
      DATABASE_URL: undefined,
    };
    const filling = `drportscan target source add w; drportscan target import ${file} --source w`;
    const shown = await onTerminal(`{ ${filling}; } > log 2>&1; drportscan target export --source w`, env);
    expect(shown).toContain('a\\u001b[31mb\\u202ec');
    expect(shown).not.toMatch(/[\u001b\u202e]/);
  });

  test('what is read from a terminal itself is a mistake', async () => {
    expect(await onTerminal('drportscan convert - --to lines')).toMatch(/pipe a report into the command/);
  });
});

/** A conversion that takes longer than a person waits without a sign of life. */
function manyLines(): string {
  const path = join(temporaryDirectory(), 'lines');
  const lines = Array.from(
    { length: 400_000 },
    (_, index) => `10.${index >> 16}.${(index >> 8) & 255}.${index & 255} 80 tcp\n`,
  );
  writeFileSync(path, lines.join(''));
  return `drportscan convert ${path} --to lines`;
}
