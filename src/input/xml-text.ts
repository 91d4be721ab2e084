import { limits } from '../limits.ts';

const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const reference = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,8})|#x([0-9a-fA-F]{1,7}));/g;
const illegal =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;
const needsCare = /[&\0-\x1f\ud800-\udfff\ufffe\uffff]/;

/**
 * The text behind the raw content of an element or attribute: the five entities of XML and numeric references
 * are decoded, nothing else is. Characters that XML 1.0 forbids (section 2.2), written raw or as a reference,
 * become U+FFFD.
 */
export function decodeXml(raw: string): string {
  if (!needsCare.test(raw)) return raw;
  return raw
    .replace(reference, (whole, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return named[name] ?? whole;
      return character(decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal));
    })
    .replace(illegal, '\ufffd');
}

/** As decodeXml, with raw line breaks and tabs as spaces (XML 1.0, section 3.3.3). */
export function decodeAttribute(raw: string): string {
  return needsCare.test(raw) ? decodeXml(raw.replace(/\r\n|[\t\n\r]/g, ' ')) : raw;
}

/** A value no longer than a value may be; longer ones are cut. */
export function capValue(value: string): string {
  return value.length <= limits.valueCharactersMax ? value : value.slice(0, limits.valueCharactersMax);
}

function character(code: number): string {
  const forbidden = code > 0x10ffff || code === 0 || (code >= 0xd800 && code <= 0xdfff);
  return forbidden ? '\ufffd' : String.fromCodePoint(code);
}
