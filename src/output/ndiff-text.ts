import {
  compareNdiffScripts,
  isExtraState,
  type NdiffHostPair,
  type NdiffOptions,
  type NdiffPortPair,
  type NdiffScriptPair,
} from '../core/ndiff.ts';
import {
  type NdiffHost,
  type NdiffPort,
  type NdiffScan,
  type NdiffScript,
  sortedAddresses,
  sortedNames,
} from '../core/ndiff-facts.ts';
import { opcodesOf } from '../core/sequence-matcher.ts';
import { newTable } from './ndiff-table.ts';
import { ndiffTime } from './ndiff-time.ts';

/** What stands before the hosts: both banners, and the scripts that ran before the scan. */
export function ndiffTextHead(before: NdiffScan, after: NdiffScan, options: NdiffOptions): string {
  const [a, b] = [bannerOf(before), bannerOf(after)];
  const banner = a === b ? (options.verbose ? ` ${b}\n` : '') : `-${a}\n+${b}\n`;
  const scripts = compareNdiffScripts(before.prescripts, after.prescripts, options);
  return (
    banner +
    scriptSection('Pre-scan script results', before.prescripts, after.prescripts, { scripts, options })
  );
}

/** What stands after the hosts: the scripts that ran after the scan. */
export function ndiffTextEnd(before: NdiffScan, after: NdiffScan, options: NdiffOptions): string {
  const scripts = compareNdiffScripts(before.postscripts, after.postscripts, options);
  return scriptSection('Post-scan script results', before.postscripts, after.postscripts, {
    scripts,
    options,
  });
}

/** One host of both scans. */
export function ndiffTextHost(pair: NdiffHostPair, options: NdiffOptions): string {
  const { before, after, scripts } = pair;
  return [
    '\n',
    nameLines(pair),
    stateLines(pair, options),
    extraLines(pair, options),
    portTable(pair, options),
    systemLines(pair, options),
    scriptSection('Host script results', before.scripts, after.scripts, { scripts, options }),
  ].join('');
}

function bannerOf({ scanner, version, start, args }: NdiffScan): string {
  const parts = [
    scanner === undefined || scanner === 'nmap' ? 'Nmap' : scanner,
    version,
    'scan',
    start === undefined ? undefined : `initiated ${ndiffTime(start)}`,
    args === undefined ? undefined : `as: ${args}`,
  ];
  return parts.filter((part) => part !== undefined).join(' ');
}

function nameLines({ before, after, isIdChanged }: NdiffHostPair): string {
  if (!isIdChanged) return ` ${nameOf(before)}:\n`;
  return (
    (before.state === undefined ? '' : `-${nameOf(before)}:\n`) +
    (after.state === undefined ? '' : `+${nameOf(after)}:\n`)
  );
}

function nameOf(host: NdiffHost): string {
  const named = sortedNames(host).join(', ');
  const located = sortedAddresses(host)
    .map(({ text }) => text)
    .join(', ');
  if (named !== '' && located !== '') return `${named} (${located})`;
  return named || located || '<no name>';
}

function stateLines({ before, after, isStateChanged }: NdiffHostPair, { verbose }: NdiffOptions): string {
  if (!isStateChanged) return verbose ? ` Host is ${after.state ?? 'None'}.\n` : '';
  return (
    (before.state === undefined ? '' : `-Host is ${before.state}.\n`) +
    (after.state === undefined ? '' : `+Host is ${after.state}.\n`)
  );
}

function extraLines(
  { before, after, isExtraPortsChanged }: NdiffHostPair,
  { verbose }: NdiffOptions,
): string {
  const [a, b] = [extraOf(before), extraOf(after)];
  if (!isExtraPortsChanged) return verbose && a !== '' ? ` Not shown: ${a}\n` : '';
  return (a === '' ? '' : `-Not shown: ${a}\n`) + (b === '' ? '' : `+Not shown: ${b}\n`);
}

function extraOf({ extraPorts }: NdiffHost): string {
  return [...extraPorts]
    .sort((a, b) => b.count - a.count || (a.state < b.state ? 1 : -1))
    .map(({ state, count }) => `${count} ${state} ports`)
    .join(', ');
}

function portTable(pair: NdiffHostPair, options: NdiffOptions): string {
  const { before, after, ports } = pair;
  if (ports.length === 0) return '';
  const table = newTable();
  const mark = before.state === undefined ? '+' : after.state === undefined ? '-' : ' ';
  table.row(mark, ['PORT', 'STATE', 'SERVICE', 'VERSION']);
  const heading = table.size();
  for (const port of ports) addPort(table, port, pair, options);
  return table.size() === heading ? '' : table.text();
}

function addPort(
  table: ReturnType<typeof newTable>,
  { before, after, scripts }: NdiffPortPair,
  hosts: NdiffHostPair,
  options: NdiffOptions,
): void {
  const [a, b] = [columnsOf(before), columnsOf(after)];
  if (a.join('\0') === b.join('\0')) {
    if (options.verbose || scripts.length > 0) table.row(' ', a);
  } else {
    if (!isExtraState(hosts.before, before.state)) table.row('-', a);
    if (!isExtraState(hosts.after, after.state)) table.row('+', b);
  }
  for (const pair of scripts) for (const line of scriptLines(pair, options)) table.raw(line);
}

function columnsOf({ port, protocol, state, service }: NdiffPort): string[] {
  const name = [service.tunnel, service.name].filter((part) => part !== undefined).join('/');
  const extra = service.extra === undefined ? undefined : `(${service.extra})`;
  const version = [service.product, service.version, extra].filter((part) => part !== undefined).join(' ');
  return [`${port}/${protocol}`, state ?? 'unknown', name, version];
}

function systemLines(
  { before, after, systems, areSystemsChanged }: NdiffHostPair,
  { verbose }: NdiffOptions,
): string {
  if (!areSystemsChanged && !(verbose && systems.length > 0)) return '';
  const mark = before.systems.length === 0 ? '+' : after.systems.length === 0 ? '-' : ' ';
  const lines = systems.flatMap(({ kind, aFrom, aTo, bFrom, bTo }) => {
    if (kind === 'equal') return before.systems.slice(aFrom, aTo).map((name) => `   ${name}\n`);
    const gone = before.systems.slice(aFrom, aTo).map((name) => `-  ${name}\n`);
    return [...gone, ...after.systems.slice(bFrom, bTo).map((name) => `+  ${name}\n`)];
  });
  return `${mark}OS details:\n${lines.join('')}`;
}

function scriptSection(
  title: string,
  before: readonly NdiffScript[],
  after: readonly NdiffScript[],
  { scripts, options }: { scripts: readonly NdiffScriptPair[]; options: NdiffOptions },
): string {
  const lines = scripts.flatMap((pair) => scriptLines(pair, options));
  if (lines.length === 0) return '';
  const mark = before.length === 0 ? '+' : after.length === 0 ? '-' : ' ';
  return `\n${mark}${title}:\n${lines.join('')}`;
}

/** The lines of one script on both sides, each with its mark. */
function scriptLines({ before, after }: NdiffScriptPair, { verbose }: NdiffOptions): string[] {
  const a = outputLines(before);
  const b = outputLines(after);
  if (!verbose && a.join('\n') === b.join('\n')) return []; // They differ in how their lines end.
  return opcodesOf(a, b).flatMap(({ kind, aFrom, aTo, bFrom, bTo }) => {
    if (kind === 'equal') return a.slice(aFrom, aTo).map((line) => ` ${line}\n`);
    const gone = a.slice(aFrom, aTo).map((line) => `-${line}\n`);
    return [...gone, ...b.slice(bFrom, bTo).map((line) => `+${line}\n`)];
  });
}

/** The output in lines behind a rule, the last one marked; the first one begins with the id. */
function outputLines(script: NdiffScript | undefined): string[] {
  if (script === undefined) return [];
  const lines = pythonLines(script.output);
  if (lines.length > 0) lines[0] = `${script.id}: ${lines[0]}`;
  return lines.map((line, index) => (index === lines.length - 1 ? `|_ ${line}` : `|  ${line}`));
}

/** As Python's `str.splitlines`: at more characters than other languages know, and no empty line at the end. */
export function pythonLines(text: string): string[] {
  const lines = text.split(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/);
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
