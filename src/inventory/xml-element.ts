import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { limits } from '../limits.ts';
import { unreadable } from './inventory-events.ts';
import { echo } from './statement-row.ts';
import { decodeReferences, legalText } from './xml-references.ts';

/** An element; names have no name space prefix. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
  /** Its own text, without that of its children and without white space around it. */
  readonly text: string;
}

/** An element as fast-xml-parser gives it with `preserveOrder`. */
type Node = Readonly<Record<string, readonly Node[] | string | Readonly<Record<string, string>>>>;

/**
 * Texts stay texts (`1e5` is a name, `0000123` a serial), and records keep their shape whether they have one child
 * or two. References are decoded by our own code: the parser's would either leave numbers alone or know the names of
 * HTML and count them, and takes four times as long.
 */
const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  removeNSPrefix: true,
  cdataPropName: '#cdata',
  strictReservedNames: false,
  maxNestedTags: limits.nestingMax,
  entityDecoder: {
    decode: decodeReferences,
    setExternalEntities: () => {},
    addInputEntities: () => {},
    setXmlVersion: () => {},
    reset: () => {},
  },
});

/** Parses the text of one element. Throws Unstated where it is not well formed. */
export function parseElement(text: string): XmlElement {
  const validity = XMLValidator.validate(text);
  if (validity !== true) unreadable(`it is not well-formed XML: ${echo(validity.err.msg)}`);
  const [node] = parseNodes(text);
  return node === undefined ? unreadable('it holds no element') : toElement(node);
}

function parseNodes(text: string): readonly Node[] {
  try {
    return parser.parse(text) as readonly Node[];
  } catch (error) {
    return unreadable(`it cannot be read: ${echo((error as Error).message)}`);
  }
}

function toElement(node: Node): XmlElement {
  const name = Object.keys(node).find((key) => key !== ':@') ?? '';
  const content = (node[name] ?? []) as readonly Node[];
  const children = content.filter((each) => each['#text'] === undefined && each['#cdata'] === undefined);
  const raw = (node[':@'] ?? {}) as Readonly<Record<string, string>>;
  return {
    name,
    attributes: new Map(Object.entries(raw).map(([key, value]) => [key, legalText(value)])),
    children: children.map(toElement),
    text: content.map(textIn).join('').trim(),
  };
}

function textIn(node: Node): string {
  const cdata = node['#cdata'];
  if (Array.isArray(cdata)) return cdata.map(textIn).join('');
  return typeof node['#text'] === 'string' ? legalText(node['#text']) : '';
}

/** The first child of this name. */
export function childOf(element: XmlElement | undefined, name: string): XmlElement | undefined {
  return element?.children.find((child) => child.name === name);
}

/** All children of this name. */
export function childrenOf(element: XmlElement | undefined, name: string): readonly XmlElement[] {
  return element?.children.filter((child) => child.name === name) ?? [];
}

/** The text of the element below several names, one inside the other. */
export function textAt(element: XmlElement | undefined, ...names: readonly string[]): string | undefined {
  return names.reduce<XmlElement | undefined>(childOf, element)?.text;
}
