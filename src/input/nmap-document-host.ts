import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { NdiffHost, NdiffPort } from '../core/ndiff-facts.ts';
import { limits } from '../limits.ts';
import { type Memo, newMemo } from './memo.ts';
import {
  addPort,
  type DocumentHost,
  endPort,
  finishHost,
  newDocumentHost,
  readElement,
} from './nmap-document-parts.ts';
import { readTag, type XmlTag } from './xml-tag.ts';

/** Reads one host record word for word; gives the reason where it cannot be read at all. */
export type DocumentHostReader = (text: string, shape: { readonly irregular: boolean }) => NdiffHost | string;

/**
 * A reader for one file's host records. A regular record is read tag by tag; everything else by a general XML
 * parser. Ports that come again and again are read and kept once.
 */
export function openDocumentHosts(): DocumentHostReader {
  const ports = newMemo<NdiffPort>();
  return (text, { irregular }) => (irregular ? undefined : readRegular(text, ports)) ?? readIrregular(text);
}

const scriptEnd = '</script>';
const portEnd = '</port>';

interface Cursor {
  readonly text: string;
  at: number;
  readonly host: DocumentHost;
  readonly ports: Memo<NdiffPort>;
  /** Names of the elements that are open. */
  readonly open: string[];
  /** The path above each of them; `<host>` itself is in none. */
  readonly paths: string[];
  /** The `<port>` that is open, without its end tag. */
  portText: string;
}

/** Undefined where anything is not as nmap writes it. */
function readRegular(text: string, ports: Memo<NdiffPort>): NdiffHost | undefined {
  const host = newDocumentHost();
  const cursor: Cursor = { text, at: 0, host, ports, open: [], paths: [''], portText: '' };
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', cursor.at)) {
    const tag = readTag(text, at);
    if (tag === undefined || cursor.open.length > limits.nestingMax) return undefined;
    cursor.at = tag.next;
    const isFine = tag.kind === 'end' ? leave(cursor, tag) : enter(cursor, tag, at);
    if (!isFine) return undefined;
  }
  return cursor.open.length === 0 ? finishHost(host) : undefined;
}

function leave({ host, ports, open, paths, portText }: Cursor, { name }: XmlTag): boolean {
  if (open.pop() !== name) return false;
  paths.pop();
  if (name !== 'port') return true;
  const port = endPort(host);
  if (port !== undefined) ports.set(portText, port);
  return true;
}

function enter(cursor: Cursor, tag: XmlTag, at: number): boolean {
  const { text, host, open, paths } = cursor;
  const { name, kind } = tag;
  const path = paths.at(-1) as string;
  if (name === 'port' && kind === 'start' && path === 'ports/') {
    cursor.portText = text.slice(at, text.indexOf(portEnd, at));
    const known = cursor.ports.get(cursor.portText);
    if (known !== undefined) {
      addPort(host, known);
      cursor.at = at + cursor.portText.length + portEnd.length;
      return true;
    }
  }
  if (open.length > 0) readElement(host, tag, path);
  if (kind === 'empty') {
    if (name === 'port') endPort(host);
    return true;
  }
  paths.push(open.length === 0 ? '' : `${path}${name}/`);
  open.push(name);
  return name !== 'script' || skipScript(cursor);
}

/** What a script holds besides its output says nothing here. */
function skipScript(cursor: Cursor): boolean {
  const end = cursor.text.indexOf(scriptEnd, cursor.at);
  if (end < 0 || cursor.text.slice(cursor.at, end).includes('<script')) return false;
  cursor.at = end;
  return true;
}

/** An element as fast-xml-parser gives it with `preserveOrder`. */
type Node = Readonly<Record<string, readonly Node[] | string | Readonly<Record<string, string>>>>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  strictReservedNames: false,
  maxNestedTags: limits.nestingMax,
});

function readIrregular(text: string): NdiffHost | string {
  if (text.length > irregularMax) return 'the host record is odd and too large to look at closer';
  const validity = XMLValidator.validate(text);
  if (validity !== true) return 'the host record is not well-formed XML';
  try {
    const root = (parser.parse(text) as readonly Node[]).find((node) => 'host' in node);
    if (root === undefined) return 'the record holds no host';
    const host = newDocumentHost();
    walk(root['host'] as readonly Node[], '', host);
    return finishHost(host);
  } catch {
    return 'the host record cannot be read';
  }
}

/** The general parser is slow, and on odd shapes slower still. */
const irregularMax = 4 << 20;

function walk(nodes: readonly Node[], path: string, host: DocumentHost): void {
  for (const node of nodes) {
    const name = Object.keys(node).find((key) => key !== ':@');
    const children = name === undefined ? undefined : node[name];
    if (name === undefined || !Array.isArray(children)) continue;
    readElement(host, { name, attributes: Object.entries(node[':@'] ?? {}).flat() }, path);
    walk(children, `${path}${name}/`, host);
    if (name === 'port') endPort(host);
  }
}
