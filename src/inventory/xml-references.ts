const named: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const reference = /&(?:(lt|gt|amp|quot|apos)|#(\d{1,8})|#x([0-9a-fA-F]{1,7}));/g;
const illegal =
  /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/** The five entities of XML and numeric references are decoded, once; nothing else is. */
export function decodeReferences(text: string): string {
  if (!text.includes('&')) return text;
  return text.replace(reference, (whole, name?: string, decimal?: string, hex?: string) => {
    if (name !== undefined) return named[name] ?? whole;
    return character(decimal === undefined ? Number.parseInt(hex as string, 16) : Number(decimal));
  });
}

/** Characters that XML 1.0 forbids (section 2.2), raw or as a reference, become U+FFFD. */
export function legalText(text: string): string {
  return text.replace(illegal, '\ufffd');
}

function character(code: number): string {
  const forbidden = code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff);
  return forbidden ? '\ufffd' : String.fromCodePoint(code);
}
