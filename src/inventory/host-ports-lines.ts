import type { ImportOptions, InventoryImporter, StatementRow } from './importer.ts';
import { ended, noLineEnd, stated, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { echo, statementRow } from './statement-row.ts';
import { linesOf } from './text-lines.ts';

/**
 * Lines of `host: ports` (`192.0.2.10: 22,80,53/udp`), where the host may be any selector; or of ports alone
 * (`80/tcp`, as check_nmap has them), about the default selector. `#` begins a comment.
 */
export const hostPortsLines: InventoryImporter = {
  name: 'host-ports-lines',
  title: 'lines of "host: ports", or of ports of one host',
  recognises(head) {
    const lines = headText(head).split('\n', 200).map(withoutComment).filter(Boolean).slice(0, 20);
    const fitting = lines.map(partsOf).filter((parts) => {
      if (parts === undefined || !isPorts(parts.ports)) return false;
      return parts.selector === undefined ? parts.ports.includes('/') : isSelector(parts.selector);
    });
    return lines.length > 0 && fitting.length * 2 > lines.length;
  },
  async *read(source, options) {
    let cut: string | undefined;
    for await (const { text, line, isOpen } of linesOf(source)) {
      const said = withoutComment(text);
      if (isOpen) cut = noLineEnd;
      if (said === '') continue;
      yield* told({ line }, () =>
        isOpen ? unreadable(noLineEnd) : [stated({ line }, rowOf(said, options))],
      );
    }
    yield ended(cut, { isSnapshot: true });
  },
};

function rowOf(line: string, options: ImportOptions): StatementRow {
  const parts = partsOf(line);
  if (parts === undefined) return unreadable(`"${echo(line)}" is not "host: ports"`);
  const selector = parts.selector ?? options.defaultSelector;
  if (selector === undefined)
    return unreadable('it does not say whom it is about, and there is no default selector');
  return statementRow({ selector, ports: parts.ports }, options);
}

interface Parts {
  readonly selector: string | undefined;
  readonly ports: string;
}

/** IPv6 addresses are full of colons: what ends a host is a bracket, or a colon with a space behind it. */
function partsOf(line: string): Parts | undefined {
  const [, bracketed, behind] = /^\[([^\]]+)\]:\s*(\S.*)$/.exec(line) ?? [];
  if (bracketed !== undefined && behind !== undefined) return { selector: bracketed, ports: behind };
  const colon = line.search(/:\s/);
  if (colon > 0) return { selector: line.slice(0, colon), ports: line.slice(colon + 1).trim() };
  const [, short, ports] = /^([\d./]+|\*):(\d.*)$/.exec(line) ?? [];
  if (short !== undefined && ports !== undefined) return { selector: short, ports };
  return isPorts(line) ? { selector: undefined, ports: line } : undefined;
}

function isPorts(text: string): boolean {
  return /^\d/.test(text) && /^[\d\s,;/a-z-]+$/i.test(text);
}

function isSelector(text: string): boolean {
  return /^(\*|group:.+|(?=.*[.:])[\da-f.:]+(\/\d+)?)$/i.test(text.trim());
}

function withoutComment(line: string): string {
  const hash = line.indexOf('#');
  return (hash < 0 ? line : line.slice(0, hash)).replace(/^\ufeff/, '').trim();
}
