import { limits } from '../limits.ts';

/** Shapes that would cost too much to look at closer (reliability A16), or that the validator lets pass. */
export function badShape(text: string): string | undefined {
  let depth = 0;
  const piece =
    /<!--[\s\S]*?-->|<!\[CDATA\[[\s\S]*?\]\]>|<\?[\s\S]*?\?>|<(\/?)((?:"[^"]*"|'[^']*'|[^<>"'])*)>/g;
  for (let match = piece.exec(text); match !== null; match = piece.exec(text)) {
    const inside = match[2];
    if (inside === undefined) continue;
    const bare = inside.replace(/"[^"]*"|'[^']*'/g, '""');
    if (bare.length < inside.length && /"[^"]*<[^"]*"|'[^']*<[^']*'/.test(inside) && rawLess(inside)) {
      return 'the record is not well-formed XML: "<" in an attribute';
    }
    if (bare.split('=').length - 1 > limits.attributesMax) {
      return `an element of the record has more than ${limits.attributesMax} attributes`;
    }
    if (match[1] === '/') depth -= 1;
    else if (!bare.endsWith('/')) depth += 1;
    if (depth > limits.nestingMax) return `the record nests deeper than ${limits.nestingMax} elements`;
  }
  return undefined;
}

function rawLess(inside: string): boolean {
  return (inside.match(/"[^"]*"|'[^']*'/g) ?? []).some((value) => value.includes('<'));
}
