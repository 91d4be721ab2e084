/** A block of commands in a text for people, and what it says that they print. */
export interface ShellBlock {
  readonly line: number;
  readonly commands: string;
  /** The commands keep running: a server, a subscription. */
  readonly background: boolean;
  /** Undefined where the text shows none. */
  readonly prints?: string;
}

/** The blocks of ```sh in a Markdown text, each with the ```text that follows it at once. */
export function shellBlocks(markdown: string): ShellBlock[] {
  const pattern = /^```sh( background)?\n([\s\S]*?)^```\n(?:\n```text\n([\s\S]*?)^```\n)?/gm;
  return Array.from(markdown.matchAll(pattern), ({ 1: background, 2: commands = '', 3: prints, index }) => ({
    line: markdown.slice(0, index).split('\n').length,
    commands,
    background: background !== undefined,
    ...(prints === undefined ? {} : { prints }),
  }));
}

/**
 * What is printed, without what differs from run to run: times, durations, sizes, costs of a query, versions of nmap. Both sides go
 * through it, so that the text may show real ones.
 */
export function withoutAccidents(text: string): string {
  return text
    .replace(/\d{4}-\d\d-\d\d[ T]\d\d:\d\d:\d\d(\.\d+)?Z/g, 'TIME')
    .replace(/\d+ ms|\d+\.\d s/g, 'DURATION')
    .replace(/[\d,]+ bytes/g, 'SIZE')
    .replace(/"requested":\d+/g, '"requested":COST')
    .replace(/nmap 7\.\d+\w*/g, 'nmap VERSION')
    .replace(/ +$/gm, '');
}

/** The text as a pattern of what is printed somewhere; `…` stands for anything on one line, alone for any lines. */
export function patternOf(text: string): RegExp {
  const lines = withoutAccidents(text).trimEnd().split('\n');
  const source = lines.map((line) => (line === '…' ? '[\\s\\S]*?' : escaped(line))).join('\n');
  return new RegExp(
    source.replaceAll('\n[\\s\\S]*?', '[\\s\\S]*').replaceAll('[\\s\\S]*?\n', '(?:[\\s\\S]*\n)?'),
  );
}

function escaped(line: string): string {
  return line.replace(/[.*+?^${}()|[\]\\]/g, '\\$&').replaceAll('…', '.*');
}
