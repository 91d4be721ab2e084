import { readdirSync, readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { agents } from '../../src/input/agents.ts';
import { ownSamples } from '../input/own-samples.ts';
import { runCli, startCli } from '../support/program.ts';
import { temporaryDirectory } from '../support/temporary.ts';

const folder = 'docs/formats';

/** A page of a tool: its formats, and the words of its upload line behind the file. */
interface Page {
  readonly name: string;
  readonly text: string;
  readonly formats: readonly string[];
  readonly upload: readonly string[];
}

const pages: readonly Page[] = readdirSync(folder)
  .filter((name) => name !== 'README.md')
  .map((name) => {
    const text = readFileSync(`${folder}/${name}`, 'utf8');
    const formats = [...text.matchAll(/^\| `([\w-]+)` \|/gm)].map(([, format = '']) => format);
    const upload = /^drportscan push \S+ (.*)$/m.exec(text)?.[1]?.split(' ') ?? [];
    return { name, text, formats, upload };
  });

describe('the pages of the formats', () => {
  test('are there for every format, once, and are listed', () => {
    const index = readFileSync(`${folder}/README.md`, 'utf8');
    expect(pages.flatMap(({ formats }) => formats).sort()).toEqual(agents.map(({ name }) => name).sort());
    for (const { name, formats } of pages) {
      expect(index).toContain(`(${name})`);
      for (const format of formats) expect(index).toContain(`\`${format}\``);
    }
  });

  test.each(pages)(
    '$name says what to run, what to upload, what is read, concluded and not',
    ({ text, upload }) => {
      expect(text).toMatch(/^```\n\S.*\ndrportscan push /m);
      expect(upload).toContain('--scanner');
      for (const part of ['Read', 'Concluded', 'Not']) expect(text).toContain(`**${part}:**`);
    },
  );
});

/** Formats of a page that say themselves which ports were scanned: then --ports may only name a part of them. */
const saysPorts: readonly string[] = ['masscan-grepable'];

function withoutPorts(words: readonly string[]): readonly string[] {
  const at = words.indexOf('--ports');
  return at < 0 ? words : words.toSpliced(at, 2);
}

describe('the upload line of a page', () => {
  const server = { url: '' };
  beforeAll(async () => {
    const running = startCli(['serve', '--port', '0', '--data', temporaryDirectory()], {
      env: { DATABASE_URL: undefined },
    });
    server.url = (await running.prints(/listens on (http:\S+)/))[1] ?? '';
  });

  const uploads = pages.flatMap(({ name, formats, upload }) =>
    ownSamples
      .filter(({ agent }) => formats.includes(agent))
      .map(({ agent, path }) => ({ page: name, agent, path, upload })),
  );

  test.each(uploads)('$page takes in $path', async ({ agent, path, upload }) => {
    const words = saysPorts.includes(agent) ? withoutPorts(upload) : upload;
    const pushed = await runCli(['push', path, ...words, '--create', '--json', '--server', server.url]);
    expect(pushed.code, pushed.stderr).toBe(0);
    expect(JSON.parse(pushed.stdout)).toMatchObject({ format: agent });
  });
});
