import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { limits } from '../limits.ts';
import { short } from './nmap-facts.ts';
import { badShape } from './xml-record-shape.ts';
import { decodeAttribute, decodeXml } from './xml-text.ts';

/** An element as fast-xml-parser gives it with `preserveOrder`. */
export type XmlNode = Readonly<
  Record<string, readonly XmlNode[] | string | Readonly<Record<string, string>>>
>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  cdataPropName: '#cdata',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  strictReservedNames: false,
  maxNestedTags: limits.nestingMax,
});

/** Reads one record that was cut out of a document. Gives the reason where it cannot be read. */
export function parseElement(text: string): XmlNode | string {
  if (forbidden.test(text)) return 'the record holds characters that XML forbids';
  const shape = badShape(text);
  if (shape !== undefined) return shape;
  const validity = XMLValidator.validate(text);
  if (validity !== true) return `the record is not well-formed XML: ${short(validity.err.msg)}`;
  try {
    const nodes = parser.parse(text) as readonly XmlNode[];
    return nodes.find((node) => /^[A-Za-z_]/.test(nameOf(node))) ?? 'the record holds no element';
  } catch (error) {
    return `the record cannot be read: ${short((error as Error).message)}`;
  }
}

/** Raw control characters (XML 1.0, section 2.2): nobody writes them, so something was damaged. */
export const forbidden = /[\0-\x08\x0b\x0c\x0e-\x1f]/;

/** The name of an element; `#text` and `#cdata` for what is none. */
export function nameOf(node: XmlNode): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}

/** What an element holds. */
export function childrenOf(node: XmlNode): readonly XmlNode[] {
  const children = node[nameOf(node)];
  return Array.isArray(children) ? children : [];
}

/** The first element of this name within an element. */
export function childOf(node: XmlNode, name: string): XmlNode | undefined {
  return childrenOf(node).find((child) => nameOf(child) === name);
}

/** The text of an element itself, without that of the elements in it and without spaces around it. */
export function textContent(node: XmlNode | undefined): string {
  if (node === undefined) return '';
  return childrenOf(node)
    .map((child) => {
      const cdata = child['#cdata'];
      if (Array.isArray(cdata)) return cdata.map((part) => part['#text']).join('');
      return typeof child['#text'] === 'string' ? decodeXml(child['#text']) : '';
    })
    .join('')
    .trim();
}

/** The text of the first element of this name within an element; undefined where it is empty or missing. */
export function childText(node: XmlNode, name: string): string | undefined {
  return textContent(childOf(node, name)) || undefined;
}

/** An attribute, decoded. */
export function attributeIn(node: XmlNode, name: string): string | undefined {
  const attributes = node[':@'] as Readonly<Record<string, string>> | undefined;
  const isThere = attributes !== undefined && Object.hasOwn(attributes, `@${name}`);
  return isThere ? decodeAttribute(attributes[`@${name}`] as string) : undefined;
}
