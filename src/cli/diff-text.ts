import type { DifferenceCounts, DifferenceLine, LineSymbol } from '../core/difference-lines.ts';
import type { Surface } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

/** One difference as one line with its line end, such as `+ 10.1.2.3:8080/tcp closed -> open (http)`. Safe to print. */
export function diffTextLine(line: DifferenceLine, { colours }: Pick<Surface, 'colours'>): string {
  const paint: Readonly<Record<LineSymbol, (text: string) => string>> = {
    '+': colours.green,
    '-': colours.red,
    '~': colours.yellow,
    '?': colours.dim,
  };
  return `${paint[line.symbol](line.symbol)} ${terminalText(sentenceOf(line))}\n`;
}

/** What a line says, without its symbol. */
export function sentenceOf(line: DifferenceLine): string {
  const { subject, detail } = line;
  const about = subject === 'host' || subject === 'port' ? '' : ` ${subject}`;
  return `${placeOf(line)}${about} ${changeOf(line)}${detail === undefined ? '' : ` (${detail})`}`;
}

/** The host or its ports: `10.1.2.3`, `10.1.2.3:80/tcp`, `[2001:db8::1]:1-99/tcp`. */
export function placeOf({ address, ports }: Pick<DifferenceLine, 'address' | 'ports'>): string {
  if (ports === undefined) return address;
  return `${address.includes(':') ? `[${address}]` : address}:${ports}`;
}

/** The two sides as `before -> after`; a port of a host that was not there has only one. */
export function changeOf({ symbol, before = '', after = '' }: DifferenceLine): string {
  return symbol === '+' && before === 'not looked at' ? after : `${before} -> ${after}`;
}

/** The last line, such as `Differences: 2 ports opened, 1 closed in 3 of 254 addresses; 1 host not comparable.` */
export function summaryOf(counts: DifferenceCounts, addresses: bigint): string {
  const hosts = counts.hostsAppeared + counts.hostsDisappeared + counts.hostsChanged;
  const found = [
    counted(counts.hostsAppeared, 'host', 'appeared'),
    counted(counts.hostsDisappeared, 'host', 'disappeared'),
    counted(counts.portsOpened, 'port', 'opened'),
    counted(counts.portsClosed, 'port', 'closed'),
    counted(counts.portsChanged, 'other port state', 'changed'),
    counted(counts.servicesChanged, 'service', 'changed'),
    counted(counts.namesChanged, 'name', 'changed'),
  ].filter((part) => part !== '');
  const common = `${addresses} common ${addresses === 1n ? 'address' : 'addresses'}`;
  const said =
    hosts === 0
      ? `No differences in ${common}`
      : `Differences: ${[...found, ...(found.length === 0 ? ['details'] : [])].join(', ')}, in ${hosts} of ${common}`;
  const open = [
    counted(counts.hostsNotComparable, 'host', ''),
    counted(counts.portsNotComparable, 'open port', ''),
  ].filter((part) => part !== '');
  return `${said}${open.length === 0 ? '' : `; not comparable: ${open.join(', ')}`}.`;
}

function counted(count: number, noun: string, verb: string): string {
  if (count === 0) return '';
  return `${count} ${noun}${count === 1 ? '' : 's'}${verb === '' ? '' : ` ${verb}`}`;
}
