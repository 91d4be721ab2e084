/**
 * Whether a text is nothing but `<script>` elements in exactly the shape that nmap writes: a quick look at what
 * makes up most of a report and is of no interest. False says nothing: then it has to be read.
 */
export function isPlainScripts(text: string): boolean {
  let depth = 0;
  for (let at = skipSpace(text, 0); at < text.length; at = skipSpace(text, at)) {
    const next = text.startsWith('</', at) ? endOf(text, at, depth) : startOf(text, at, depth);
    if (next === undefined) return false;
    depth += next.deeper;
    at = next.at;
    if (depth > 16) return false;
  }
  return depth === 0;
}

interface Step {
  readonly at: number;
  readonly deeper: -1 | 0 | 1;
}

const script = /<script id="[^"<]*" output="[^"<]*"(\/?)>/y;
const table = /<table(?: key="[^"<]*")?>/y;
const elem = /<elem(?: key="[^"<]*")?>[^<&\]]*<\/elem>/y;

/** Scripts hold tables and elems, tables hold tables and elems; so the depth says which end tag is due. */
function startOf(text: string, at: number, depth: number): Step | undefined {
  if (depth === 0) {
    script.lastIndex = at;
    const found = script.exec(text);
    return found === null ? undefined : { at: script.lastIndex, deeper: found[1] === '' ? 1 : 0 };
  }
  const tag = text.startsWith('<elem', at) ? elem : table;
  tag.lastIndex = at;
  return tag.test(text) ? { at: tag.lastIndex, deeper: tag === elem ? 0 : 1 } : undefined;
}

function endOf(text: string, at: number, depth: number): Step | undefined {
  const due = depth === 1 ? '</script>' : '</table>';
  return depth > 0 && text.startsWith(due, at) ? { at: at + due.length, deeper: -1 } : undefined;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 0x0a || text.charCodeAt(at) === 0x20) at += 1;
  return at;
}
