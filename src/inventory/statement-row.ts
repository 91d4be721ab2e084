import { formatPortSet, type PortSet, portOf, protocolOf, readPortSet } from '../core/endpoint.ts';
import type { Instant } from '../core/observation.ts';
import { hostExpectations, portExpectations } from '../core/target.ts';
import { limits } from '../limits.ts';
import type { ImportOptions, StatementField, StatementRow } from './importer.ts';
import { unreadable } from './inventory-events.ts';
import { readSelector } from './selector-text.ts';
import { parseTime } from './time-text.ts';

/** The fields of a statement as texts, as an inventory has them; what is empty is not there. */
export type StatementTexts = Readonly<Partial<Record<StatementField, string | undefined>>>;

type Defaults = Pick<ImportOptions, 'defaultExpect' | 'defaultView'>;

/**
 * The statement that some texts make, with selector, ports and times in their one form. Without a word of what is
 * expected, ports are `defaultExpect` and hosts are present. Throws Unstated for what cannot be read.
 */
export function statementRow(texts: StatementTexts, defaults: Defaults): StatementRow {
  const ports = readPortTexts(texts.ports, texts.protocol);
  const validity = readValidity(texts);
  const row: StatementRow = {
    selector: readSelector(texts.selector),
    expect: readExpect(texts.expect, { ports, defaults }),
  };
  const service = ports === undefined ? undefined : short('service', texts.service);
  put(row, 'externalId', short('external id', texts.externalId));
  put(row, 'addressSpace', short('address space', texts.addressSpace));
  put(row, 'view', short('view', texts.view) ?? defaults.defaultView);
  put(row, 'ports', ports);
  put(row, 'service', service);
  put(row, 'owner', short('owner', texts.owner));
  put(row, 'ticket', short('ticket', texts.ticket));
  put(row, 'description', long(texts.description));
  put(row, 'validFrom', validity.from);
  put(row, 'validUntil', validity.until);
  put(row, 'locked', readFlag(texts.locked));
  return row;
}

/** Gives a row that is being made a field, where there is something to give. */
function put<Field extends keyof StatementRow>(
  row: { -readonly [F in keyof StatementRow]: StatementRow[F] },
  field: Field,
  value: StatementRow[Field] | undefined,
): void {
  if (value !== undefined) row[field] = value as StatementRow[Field];
}

/** Ports as `formatPortSet` writes them; undefined for none. Throws Unstated for what cannot be read. */
export function readPortTexts(ports: string | undefined, protocol?: string): string | undefined {
  const text = present(ports);
  const asked = present(protocol)?.toLowerCase();
  if (text === undefined) {
    return asked === undefined ? undefined : unreadable(`it names the protocol "${echo(asked)}" and no port`);
  }
  if (isOnePort(text, asked)) return text;
  if (text.length > limits.inventoryPortsCharactersMax) unreadable('its list of ports is too long');
  // Lists are also written with semicolons or spaces, and ranges with spaces around the hyphen.
  const list = text
    .replace(/\s*-\s*/g, '-')
    .split(/[\s,;]+/)
    .filter((part) => part !== '');
  const set = portsOf(list.join(','), asked);
  const zero = set.find(({ first }) => portOf(first) === 0 && protocolOf(first) !== 'ip');
  if (zero !== undefined) unreadable('0 is not a port that a service can have');
  return formatPortSet(set);
}

/** Most statements are about one port, and have it in its one form already. */
function isOnePort(text: string, asked: string | undefined): boolean {
  const [, port, protocol] = /^([1-9]\d{0,4})\/(tcp|udp)$/.exec(text) ?? [];
  return port !== undefined && Number(port) <= 65535 && (asked === undefined || asked === protocol);
}

/**
 * Ports that an inventory lists one by one, as one text. Each stands for itself: without a protocol of its own it has
 * that of the record, else tcp, whatever its neighbours have.
 */
export function listedPorts(ports: readonly string[], protocol?: string): string {
  const usual = present(protocol) ?? 'tcp';
  const filled = ports.filter((each) => each.trim() !== '');
  return filled.map((each) => (each.includes('/') ? each : `${each}/${usual}`)).join(',');
}

function portsOf(list: string, asked: string | undefined): PortSet {
  const needsProtocol = asked !== undefined && !list.includes('/');
  const reading = readPortSet(needsProtocol ? `${list}/${asked}` : list);
  if (!reading.ok) return unreadable(`its ports cannot be read: ${echo(reading.reason)}`);
  if (reading.ports.length === 0) return unreadable('it names no port');
  const other = reading.ports.find(({ first }) => asked !== undefined && protocolOf(first) !== asked);
  if (other === undefined) return reading.ports;
  return unreadable(`its protocol is "${echo(asked ?? '')}", but its ports say ${protocolOf(other.first)}`);
}

function readExpect(
  text: string | undefined,
  { ports, defaults }: { ports: string | undefined; defaults: Defaults },
): string {
  const usual = ports === undefined ? 'present' : (defaults.defaultExpect ?? 'required');
  const word = present(text)?.toLowerCase() ?? usual;
  const ofPorts = (portExpectations as readonly string[]).includes(word);
  const ofHosts = (hostExpectations as readonly string[]).includes(word);
  if (ports === undefined ? ofHosts : ofPorts) return word;
  if (ofHosts) return unreadable(`"${word}" is said of hosts, and it names ports`);
  if (ofPorts) return unreadable(`"${word}" is said of ports, and it names none`);
  const words = [...portExpectations, ...hostExpectations].join(', ');
  return unreadable(`"${echo(word)}" is not one of ${words}`);
}

function readValidity(texts: StatementTexts): { from: Instant | undefined; until: Instant | undefined } {
  const from = present(texts.validFrom);
  const until = present(texts.validUntil);
  const validFrom = from === undefined ? undefined : readTime(from, 'first');
  const validUntil = until === undefined ? undefined : readTime(until, 'last');
  if (validFrom !== undefined && validUntil !== undefined && validUntil <= validFrom)
    unreadable('it ends before it begins to be valid');
  return { from: validFrom, until: validUntil };
}

/** A time as `parseTime` reads it. Throws Unstated for what is no time. */
function readTime(text: string, side: 'first' | 'last'): Instant {
  return parseTime(text, side) ?? unreadable(`"${echo(text)}" is not a time`);
}

const flags: Readonly<Record<string, boolean>> = {
  true: true,
  yes: true,
  1: true,
  false: false,
  no: false,
  0: false,
};

function readFlag(text: string | undefined): boolean | undefined {
  const word = present(text)?.toLowerCase();
  if (word === undefined) return undefined;
  return Object.hasOwn(flags, word) ? flags[word] : unreadable(`"${echo(word)}" is neither true nor false`);
}

/** The text without white space around it; undefined where nothing is left. Throws Unstated for a NUL in it. */
export function present(text: string | undefined): string | undefined {
  const trimmed = text?.trim();
  if (trimmed === undefined || trimmed === '') return undefined;
  return trimmed.includes('\0') ? unreadable('it holds a NUL character') : trimmed;
}

function short(what: string, text: string | undefined): string | undefined {
  const found = present(text);
  if (found !== undefined && found.length > limits.inventoryTextCharactersMax)
    unreadable(`its ${what} has more than ${limits.inventoryTextCharactersMax} characters`);
  return found;
}

/** Longer descriptions are cut: nobody reads them, and nothing depends on them. */
function long(text: string | undefined): string | undefined {
  return present(text)?.slice(0, limits.descriptionCharactersMax);
}

/** A foreign text inside one of our messages. */
export function echo(text: string): string {
  return text.length <= limits.echoedCharactersMax ? text : `${text.slice(0, limits.echoedCharactersMax)}…`;
}
