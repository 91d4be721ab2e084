import { type PortSet, readPorts } from '../core/endpoint.ts';
import { lettersGlued, lettersWithArgument, longWithArgument, outputOptions } from './nmap-options.ts';

/** What the words of an nmap command line say. */
export interface NmapCommand {
  /** Target specifications, in order. */
  readonly targets: readonly string[];
  /** Option to its last argument; an empty text where it has none. Without the leading dashes. */
  readonly options: ReadonlyMap<string, string>;
  /** Arguments of every `--exclude`. */
  readonly excludes: readonly string[];
}

/** Reads nmap's `args`, as it wrote them into its report. */
export function readNmapCommand(args: string): NmapCommand {
  const words = splitWords(args).slice(1);
  const targets: string[] = [];
  const excludes: string[] = [];
  const options = new Map<string, string>();
  for (let i = 0; i < words.length; i += 1) {
    const word = words[i] as string;
    if (!/^-./.test(word)) {
      targets.push(word);
      continue;
    }
    if (word === '--') {
      targets.push(...words.slice(i + 1));
      break;
    }
    for (const option of readOption(word)) {
      const argument = option.argument ?? (option.wantsNext ? (words[++i] ?? '') : '');
      options.set(option.name, argument);
      if (option.name === 'exclude') excludes.push(argument);
    }
  }
  return { targets, options, excludes };
}

interface Option {
  readonly name: string;
  readonly argument: string | undefined;
  readonly wantsNext: boolean;
}

function readOption(word: string): readonly Option[] {
  // getopt_long_only: long options may begin with one dash, and "_" counts as "-".
  const body = word.replace(/^--?/, '');
  const equals = body.indexOf('=');
  const name = (equals < 0 ? body : body.slice(0, equals)).replaceAll('_', '-');
  if (word.startsWith('--') || longWithArgument.has(name)) {
    const full = fullName(name);
    const argument = equals < 0 ? undefined : body.slice(equals + 1);
    return [{ name: full, argument, wantsNext: longWithArgument.has(full) }];
  }
  const pair = body.slice(0, 2);
  if (outputOptions.has(pair)) return [{ name: pair, argument: body.slice(2), wantsNext: false }];
  return readLetters(body);
}

/** One-letter options may stand together (`-nvv`), and so may scan types (`-sSCV`). */
function readLetters(body: string): readonly Option[] {
  const options: Option[] = [];
  for (let i = 0; i < body.length; i += 1) {
    const letter = body.charAt(i);
    const rest = body.slice(i + 1);
    if (lettersWithArgument.includes(letter)) {
      return [...options, { name: letter, argument: rest === '' ? undefined : rest, wantsNext: true }];
    }
    if (letter === 's') return [...options, ...Array.from(rest, (type) => flag(`s${type}`))];
    if (letter === 'P') return [...options, flag(body.slice(i, i + 2))];
    options.push(flag(letter));
    if (lettersGlued.includes(letter)) return options;
  }
  return options;
}

function flag(name: string): Option {
  return { name, argument: undefined, wantsNext: false };
}

/** getopt accepts any beginning of a long option that is not ambiguous (`--excl`). */
function fullName(name: string): string {
  if (longWithArgument.has(name) || name.length < 4) return name;
  const candidates = [...longWithArgument].filter(
    (option) => option.startsWith(name) && option.includes('-'),
  );
  const others = [
    'open',
    'reason',
    'traceroute',
    'packet-trace',
    'version-light',
    'version-all',
    'script-trace',
  ];
  if (name === 'exclu' || name === 'excl') return 'exclude';
  return candidates.length === 1 && !others.some((option) => option.startsWith(name))
    ? (candidates[0] as string)
    : name;
}

/**
 * The ports of `-p`, where they are plain numbers and ranges and only TCP was scanned; undefined for all else (names, `T:`,
 * `-p-`, other protocols), and where some were left out again.
 */
export function portsOfCommand({ options }: NmapCommand): PortSet | undefined {
  const written = options.get('p') ?? '';
  const isPlain = /^\d{1,5}(-\d{1,5})?(,\d{1,5}(-\d{1,5})?)*$/.test(written);
  if (!isPlain || otherPorts.some((option) => options.has(option))) return undefined;
  const reading = readPorts('tcp', written);
  return reading.ok ? reading.ports : undefined;
}

/** Scans that are not of TCP, and options that choose other ports. */
const otherPorts = ['sU', 'sY', 'sZ', 'sO', 'exclude-ports', 'port-ratio', 'top-ports', 'F', 'resume'];

/** Words as a shell would cut them: nmap joins its arguments by spaces and quotes those that hold any. */
export function splitWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let quote = '';
  for (let i = 0; i < text.length; i += 1) {
    const character = text.charAt(i);
    if (character === '\\' && quote !== "'" && /["'\\ ]/.test(text.charAt(i + 1))) {
      i += 1;
      word = (word ?? '') + text.charAt(i);
    } else if (quote !== '') {
      if (character === quote) quote = '';
      else word = (word ?? '') + character;
    } else if (character === '"' || character === "'") {
      quote = character;
      word ??= '';
    } else if (/\s/.test(character)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else {
      word = (word ?? '') + character;
    }
  }
  return word === undefined ? words : [...words, word];
}
