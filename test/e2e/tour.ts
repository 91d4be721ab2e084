import { chmodSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { expect } from 'vitest';
import { freePort } from '../support/ports.ts';
import { drportscan, type Running, run, start } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { until, untilNextSecond } from '../support/until.ts';
import { patternOf, shellBlocks, withoutAccidents } from './shell-blocks.ts';

const usualPort = '8155';
const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
  scripts: { readonly start: string };
};

/** Runs every command of a page in an empty directory, and compares what it prints with what the page shows. */
export async function follow(page: string, background: Running[]): Promise<number> {
  const blocks = shellBlocks(readFileSync(page, 'utf8'));
  const shell = await visitorsShell();
  for (const { line, commands, background: staysOn, prints } of blocks) {
    const where = `${page}:${line}\n${commands}`;
    if (staysOn) {
      const program = shell.start(commands);
      background.push(program);
      const wanted = shell.local(prints ?? '');
      const isThere = () => patternOf(wanted).test(withoutAccidents(program.stdout()));
      await until(`${where} prints\n${wanted}`, isThere);
    } else {
      const { code, stdout } = await shell.run(commands);
      expect(code, `${where}${stdout}`).toBe(0);
      if (prints !== undefined)
        expect(withoutAccidents(stdout), where).toMatch(patternOf(shell.local(prints)));
    }
    if (commands.includes('nmap ')) await untilNextSecond(); // As a visitor does.
  }
  return blocks.length;
}

/** A shell in an empty directory whose `npm` and `npx` run this checkout, as they do for a visitor. */
async function visitorsShell() {
  const [home, visitor] = [temporaryDirectory(), temporaryDirectory()];
  const port = String(await freePort());
  const local = (text: string) => text.replaceAll(usualPort, port);
  symlinkSync(resolve('docs'), join(visitor, 'docs'));
  const programs = join(home, 'bin');
  mkdirSync(programs);
  const serve = scripts.start.replace('dist/src/main.js', `'${drportscan}'`);
  script(join(programs, 'npx'), `[ "$1" = drportscan ] && shift && exec node '${drportscan}' "$@"`);
  script(
    join(programs, 'npm'),
    `case $1 in start) exec ${serve} --port ${port} ;; ci | test) ;; *) exit 9 ;; esac`,
  );

  const variables = join(home, 'variables');
  const given = `[ -f '${variables}' ] && . '${variables}'`;
  const env = {
    PATH: `${programs}${delimiter}${process.env.PATH}`,
    DATABASE_URL: undefined,
    DRPORTSCAN_SERVER: undefined,
    DRPORTSCAN_DATA: undefined,
  };
  const bash = (text: string) => ['-c', `${given}\n${local(text)}`];
  return {
    local,
    // A process group of its own, so that the end of the shell is the end of all that it started.
    start: (commands: string) =>
      start('bash', bash(`set -m\n{\n${commands}} &\ntrap "kill -- -$!" TERM\nwait`), { cwd: visitor, env }),
    // As a terminal shows it: what goes to standard error stands where it was written.
    run: (commands: string) =>
      run('bash', bash(`set -e\nexec 2>&1\n${commands}\nexport -p > '${variables}'`), {
        cwd: visitor,
        env,
      }),
  };
}

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
}
