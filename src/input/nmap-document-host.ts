import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { NdiffHost } from '../core/ndiff-facts.ts';
import { limits } from '../limits.ts';
import {
  type DocumentHost,
  endPort,
  finishHost,
  newDocumentHost,
  readElement,
} from './nmap-document-parts.ts';
import { readTag } from './xml-tag.ts';

/**
 * Reads one host record word for word. A regular record is read tag by tag; everything else by a general XML
 * parser. Gives the reason where it cannot be read at all.
 */
export function readDocumentHost(text: string, { irregular }: { irregular: boolean }): NdiffHost | string {
  return (irregular ? undefined : readRegular(text)) ?? readIrregular(text);
}

const scriptEnd = '</script>';

/** Undefined where anything is not as nmap writes it. */
function readRegular(text: string): NdiffHost | undefined {
  const host = newDocumentHost();
  const open: string[] = [];
  const paths = ['']; // The path above each open element; `<host>` itself is in none.
  for (let at = text.indexOf('<'); at >= 0; at = text.indexOf('<', at)) {
    const tag = readTag(text, at);
    if (tag === undefined || open.length > limits.nestingMax) return undefined;
    at = tag.next;
    const path = paths.at(-1) as string;
    if (tag.kind === 'end') {
      if (open.pop() !== tag.name) return undefined;
      paths.pop();
    } else if (open.length > 0) readElement(host, tag, path);
    if (tag.name === 'port' && tag.kind !== 'start') endPort(host);
    if (tag.kind !== 'start') continue;
    paths.push(open.length === 0 ? '' : `${path}${tag.name}/`);
    open.push(tag.name);
    if (tag.name !== 'script') continue;
    const end = text.indexOf(scriptEnd, at);
    if (end < 0 || text.slice(at, end).includes('<script')) return undefined;
    at = end; // What a script holds besides its output says nothing here.
  }
  return open.length === 0 ? finishHost(host) : undefined;
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
