import { limits } from '../limits.ts';
import { decodeAttribute } from './xml-text.ts';

/** One start, end or empty-element tag. Attributes alternate raw names and raw values, in the order written. */
export interface XmlTag {
  readonly name: string;
  readonly kind: 'start' | 'end' | 'empty';
  readonly attributes: readonly string[];
  /** The place after the closing `>`. */
  readonly next: number;
}

const tagName = /([A-Za-z_:][\w:.-]*)\s*/y;
const attribute = /([A-Za-z_:][\w:.-]*)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')(\s*)/y;

/** Reads the tag at a `<`. Anything that is not well formed is undefined, as are more attributes than allowed. */
export function readTag(text: string, at: number): XmlTag | undefined {
  const ending = text.charCodeAt(at + 1) === 0x2f;
  tagName.lastIndex = at + (ending ? 2 : 1);
  const named = tagName.exec(text);
  if (named === null) return undefined;
  const attributes: string[] = [];
  let place = tagName.lastIndex;
  let mayFollow = place > at + (ending ? 2 : 1) + (named[1] as string).length;
  for (;;) {
    const code = text.charCodeAt(place);
    const name = named[1] as string;
    if (code === 0x3e) return { name, kind: ending ? 'end' : 'start', attributes, next: place + 1 };
    if (code === 0x2f && text.charCodeAt(place + 1) === 0x3e) {
      return ending ? undefined : { name, kind: 'empty', attributes, next: place + 2 };
    }
    if (!mayFollow || attributes.length >= 2 * limits.attributesMax) return undefined;
    attribute.lastIndex = place;
    const found = attribute.exec(text);
    if (found === null || isRepeated(attributes, found[1] as string)) return undefined;
    attributes.push(found[1] as string, (found[2] ?? found[3]) as string);
    mayFollow = found[4] !== '';
    place = attribute.lastIndex;
  }
}

/** The decoded value of an attribute, or undefined where the tag has none of this name. */
export function attributeOf(tag: Pick<XmlTag, 'attributes'>, name: string): string | undefined {
  const { attributes } = tag;
  for (let i = 0; i < attributes.length; i += 2) {
    if (attributes[i] === name) return decodeAttribute(attributes[i + 1] as string);
  }
  return undefined;
}

function isRepeated(attributes: readonly string[], name: string): boolean {
  for (let i = 0; i < attributes.length; i += 2) {
    if (attributes[i] === name) return true;
  }
  return false;
}
