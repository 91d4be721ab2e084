import type { PortKey, PortSet } from '../core/endpoint.ts';
import type { PortObservation, RawState, Service } from '../core/observation.ts';
import { detached, newMemo } from './memo.ts';
import {
  addCollapsed,
  asProtocol,
  asState,
  type NmapExtraPorts,
  type NmapHost,
  newNmapHost,
  readPort,
  short,
  textOf,
  toService,
} from './nmap-facts.ts';
import { readPortsList } from './nmap-ports-list.ts';
import { isPlainScripts } from './nmap-scripts.ts';
import { attributeOf, readTag, type XmlTag } from './xml-tag.ts';
import { decodeXml } from './xml-text.ts';

/**
 * A reader for one file's host records in the shape that nmap writes: any order of attributes, any white
 * space, elements it does not know skipped. It takes the essence of a record and gives undefined for
 * everything unusual, which the reference reader (`nmap-host-reference.ts`) then reads or refuses.
 * Texts that come again and again (services, lists of ports) are read once.
 */
export function openHostReader(): (essence: string) => NmapHost | undefined {
  const memory: Memory = { parts: newMemo(), lists: newMemo() };
  return (essence) => {
    const start = essence.startsWith('<host') ? readTag(essence, 0) : undefined;
    if (start?.kind !== 'start' || start.name !== 'host' || /[\0\x0b\x0c\x0e-\x1f]|<[!?]/.test(essence))
      return undefined;
    const host = newNmapHost();
    host.timedOut = attributeOf(start, 'timedout') === 'true';
    return readChildren({ text: essence, at: start.next, host, memory }) ? host : undefined;
  };
}

interface Memory {
  readonly parts: ReturnType<typeof newMemo<PortPart>>;
  readonly lists: ReturnType<typeof newMemo<PortSet>>;
}

/** What a `<state>` says. */
export interface PortStatus {
  readonly state: RawState | undefined;
  readonly stateText: string | undefined;
  readonly reason: string | undefined;
}

/** Of a port without `<state>`. */
export const noStatus: PortStatus = { state: undefined, stateText: undefined, reason: undefined };

/** What stands in one part of a `<port>`. */
interface PortPart {
  readonly status: PortStatus | undefined;
  readonly service: Service | undefined;
}

interface Cursor {
  readonly text: string;
  at: number;
  readonly host: NmapHost;
  readonly memory: Memory;
}

function readChildren(cursor: Cursor): boolean {
  for (;;) {
    if (onlyBlank(cursor.text, cursor.at)) return true; // The essence may end before the end tag.
    const tag = nextTag(cursor);
    if (tag === undefined) return false;
    if (tag.kind === 'end')
      return tag.name === 'host' && tag.attributes.length === 0 && onlyBlank(cursor.text, cursor.at);
    if (!readChild(cursor, tag)) return false;
  }
}

function readChild(cursor: Cursor, tag: XmlTag): boolean {
  switch (tag.name) {
    case 'status':
      cursor.host.status = attributeOf(tag, 'state');
      cursor.host.reason = kept(attributeOf(tag, 'reason'));
      return skipElement(cursor, tag);
    case 'address': {
      const address = kept(attributeOf(tag, 'addr'));
      cursor.host.addresses.push({
        address,
        type: attributeOf(tag, 'addrtype'),
        vendor: kept(attributeOf(tag, 'vendor')),
      });
      return skipElement(cursor, tag);
    }
    case 'hostnames':
      return tag.kind === 'empty' || readNames(cursor);
    case 'ports':
      return tag.kind === 'empty' || readPortsElement(cursor);
    case 'host': // An end tag is missing, and what follows is another host.
      return false;
    default:
      return skipElement(cursor, tag);
  }
}

function readNames(cursor: Cursor): boolean {
  for (;;) {
    const tag = nextTag(cursor);
    if (tag === undefined) return false;
    if (tag.kind === 'end') return tag.name === 'hostnames';
    const name = tag.name === 'hostname' ? attributeOf(tag, 'name') : undefined;
    if (name !== undefined && name !== '')
      cursor.host.names.push(detached(textOf('name', name).name as string));
    if (!skipElement(cursor, tag)) return false;
  }
}

function readPortsElement(cursor: Cursor): boolean {
  for (;;) {
    const tag = nextTag(cursor);
    if (tag === undefined) return false;
    if (tag.kind === 'end') return tag.name === 'ports';
    if (tag.name === 'port' && tag.kind === 'start') {
      if (!readPortElement(cursor, tag)) return false;
    } else if (tag.name === 'extraports') {
      if (!readExtraPorts(cursor, tag)) return false;
    } else if (tag.name === 'port' || !skipElement(cursor, tag)) return false;
  }
}

/**
 * Reads a port in three parts, of which the first two (state; service) are the same for many ports. What
 * follows, the output of scripts, says nothing here and is hardly ever the same.
 */
function readPortElement(cursor: Cursor, tag: XmlTag): boolean {
  const key = readPort(attributeOf(tag, 'protocol'), attributeOf(tag, 'portid'));
  const end = cursor.text.indexOf('</port>', cursor.at);
  if (end < 0) return false;
  const text = cursor.text.slice(cursor.at, end);
  const scripts = placeOf('<script', text);
  const service = Math.min(placeOf('<service', text), scripts);
  const first = readPart(cursor, text.slice(0, service));
  const second = readPart(cursor, text.slice(service, scripts));
  if (first === undefined || second === undefined || second.status !== undefined) return false;
  if (scripts < text.length && !skipScripts(cursor, text.slice(scripts))) return false;
  cursor.at = end + '</port>'.length;
  addPort(cursor.host, key, first.status ?? noStatus, second.service);
  return true;
}

/** The place of the first occurrence; the end of the text where there is none. */
function placeOf(what: string, text: string): number {
  const found = text.indexOf(what);
  return found < 0 ? text.length : found;
}

/** Adds a port, or says why it is none; both readers end here. */
export function addPort(
  host: NmapHost,
  key: PortKey | string,
  { state, stateText, reason }: PortStatus,
  service: Service | undefined,
): void {
  if (typeof key === 'string') host.problems.push(key);
  else if (state === undefined) host.problems.push(`"${short(stateText)}" is not a state of a port`);
  else host.ports.push(observationOf(key, state, reason, service));
}

/** Written out, because a million of these are made from spread objects three times as slowly. */
function observationOf(
  port: PortKey,
  state: RawState,
  reason: string | undefined,
  service: Service | undefined,
): PortObservation {
  if (reason === undefined) return service === undefined ? { port, state } : { port, state, service };
  return service === undefined ? { port, state, reason } : { port, state, reason, service };
}

/** What a part of a port says; undefined where it is unusual. */
function readPart({ memory, host }: Cursor, text: string): PortPart | undefined {
  const known = memory.parts.get(text);
  if (known !== undefined) return known;
  const inner: Cursor = { text, at: 0, host, memory };
  let status: PortStatus | undefined;
  let service: Service | undefined;
  while (!onlyBlank(text, inner.at)) {
    const tag = nextTag(inner);
    if (tag === undefined || tag.kind === 'end') return undefined;
    if (tag.name === 'state') status = portStatus(attributeOf(tag, 'state'), attributeOf(tag, 'reason'));
    if (tag.name !== 'service') {
      if (!skipElement(inner, tag)) return undefined;
      continue;
    }
    const cpes = readCpes(inner, tag);
    if (cpes === undefined) return undefined;
    service = serviceOf((name) => attributeOf(tag, name), cpes);
  }
  const part = { status, service };
  memory.parts.set(text, part);
  return part;
}

/** Whether only well-formed scripts stand here; nothing that the other parts should hold. */
function skipScripts({ memory, host }: Cursor, text: string): boolean {
  if (isPlainScripts(text)) return true;
  const inner: Cursor = { text, at: 0, host, memory };
  while (!onlyBlank(text, inner.at)) {
    const tag = nextTag(inner);
    if (tag === undefined || tag.kind === 'end' || tag.name === 'state' || tag.name === 'service')
      return false;
    if (!skipElement(inner, tag)) return false;
  }
  return true;
}

/** The state of a port in memory of its own. */
export function portStatus(stateText: string | undefined, reason: string | undefined): PortStatus {
  return {
    state: asState(stateText),
    stateText: kept(stateText),
    reason: textOf('reason', kept(reason)).reason,
  };
}

/** A service from its attributes, in memory of its own. */
export function serviceOf(
  attribute: (name: string) => string | undefined,
  cpes: readonly string[],
): Service | undefined {
  return toService({
    name: kept(attribute('name')),
    product: kept(attribute('product')),
    version: kept(attribute('version')),
    extrainfo: kept(attribute('extrainfo')),
    tunnel: kept(attribute('tunnel')),
    method: attribute('method'),
    cpes: cpes.map(detached),
  });
}

function readCpes(cursor: Cursor, service: XmlTag): string[] | undefined {
  const cpes: string[] = [];
  if (service.kind === 'empty') return cpes;
  for (;;) {
    const tag = nextTag(cursor);
    if (tag === undefined) return undefined;
    if (tag.kind === 'end') return tag.name === 'service' ? cpes : undefined;
    if (tag.name !== 'cpe') {
      if (!skipElement(cursor, tag)) return undefined;
      continue;
    }
    const text = tag.kind === 'empty' ? '' : leafText(cursor, 'cpe');
    if (text === undefined) return undefined;
    const cpe = decodeXml(text).trim();
    if (cpe !== '') cpes.push(cpe);
  }
}

/** The raw text up to the end tag of an element without children. */
function leafText(cursor: Cursor, name: string): string | undefined {
  const less = cursor.text.indexOf('<', cursor.at);
  if (less < 0 || !cursor.text.startsWith(`</${name}>`, less)) return undefined;
  const text = cursor.text.slice(cursor.at, less);
  if (!isPlain(text)) return undefined;
  cursor.at = less + name.length + 3;
  return text;
}

function readExtraPorts(cursor: Cursor, tag: XmlTag): boolean {
  const reasons: NmapExtraPorts['reasons'][number][] = [];
  for (let open = tag.kind === 'start'; open; ) {
    const child = nextTag(cursor);
    if (child === undefined) return false;
    if (child.kind === 'end') {
      if (child.name !== 'extraports') return false;
      open = false;
    } else {
      if (child.name === 'extrareasons') reasons.push(extraReason(child, cursor.memory));
      if (!skipElement(cursor, child)) return false;
    }
  }
  addCollapsed(cursor.host, { state: attributeOf(tag, 'state'), count: attributeOf(tag, 'count'), reasons });
  return true;
}

function extraReason(tag: XmlTag, { lists }: Memory): NmapExtraPorts['reasons'][number] {
  const protocol = asProtocol(attributeOf(tag, 'proto'));
  const text = attributeOf(tag, 'ports');
  if (protocol === undefined || text === undefined) return { protocol, ports: undefined };
  const known = lists.get(`${protocol} ${text}`);
  if (known !== undefined) return { protocol, ports: known };
  const ports = readPortsList(protocol, text);
  if (ports !== undefined) lists.set(`${protocol} ${text}`, ports);
  return { protocol, ports };
}

/** Goes past an element whatever it holds; false where that is not well formed. */
function skipElement(cursor: Cursor, start: XmlTag): boolean {
  if (start.kind === 'empty') return true;
  const open = [start.name];
  for (let name = open.at(-1); name !== undefined; name = open.at(-1)) {
    const less = cursor.text.indexOf('<', cursor.at);
    if (less < 0 || !isPlain(cursor.text.slice(cursor.at, less))) return false;
    const tag = readTag(cursor.text, less);
    if (tag === undefined || open.length > 16) return false;
    cursor.at = tag.next;
    if (tag.kind === 'start') open.push(tag.name);
    else if (tag.kind === 'end' && (tag.attributes.length > 0 || open.pop() !== tag.name)) return false;
  }
  return true;
}

/** The next tag, if only white space stands before it. */
function nextTag(cursor: Cursor): XmlTag | undefined {
  const { text } = cursor;
  let at = cursor.at;
  while (isSpace(text.charCodeAt(at))) at += 1;
  if (text.charCodeAt(at) !== 0x3c) return undefined;
  const tag = readTag(text, at);
  if (tag === undefined || (tag.kind === 'end' && tag.attributes.length > 0)) return undefined;
  cursor.at = tag.next;
  return tag;
}

function onlyBlank(text: string, from: number): boolean {
  let at = from;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at >= text.length;
}

function isSpace(code: number): boolean {
  return code === 0x0a || code === 0x20 || code === 0x0d || code === 0x09;
}

/** Whether every `&` of a text begins a reference that XML knows, and nothing in it looks like markup. */
function isPlain(text: string): boolean {
  if (text.includes(']]>')) return false;
  return !text.includes('&') || !/&(?!(?:lt|gt|amp|quot|apos|#\d{1,7}|#x[0-9a-fA-F]{1,6});)/.test(text);
}

function kept(text: string | undefined): string | undefined {
  return text === undefined ? undefined : detached(text);
}
