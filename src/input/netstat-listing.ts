import type { InputAgent } from './agent.ts';
import { firstLines } from './line-report.ts';
import { openListing, type ReadListener, readListener } from './listing-report.ts';
import { headText } from './xml-encoding.ts';

/** What a Linux host says of its own listeners: `netstat -tulpn`. */
export const netstatListing: InputAgent = {
  name: 'netstat-listing',
  title: 'listeners of a host by netstat -tulpn',
  scattered: false,
  recognises(head) {
    const lines = firstLines(headText(head), 3);
    return lines.some(
      (line) =>
        /^(Active Internet connections|Proto\s+Recv-Q\s+Send-Q\s+Local Address)/.test(line) || isRow(line),
    );
  },
  open: (hints) => openListing('netstat', read, hints),
};

function isRow(line: string): boolean {
  return /^(tcp|udp)6?\s+\d+\s+\d+\s+\S+:\d+\s+\S+:\*\s/.test(line);
}

/**
 * netstat does not say whether a socket on `::` takes IPv4 as well. Linux lets it unless the program or
 * net.ipv6.bindv6only says otherwise, so it counts for both.
 */
const wildcards = { '0.0.0.0': [4], '::': [4, 6], '*': [4, 6] } as const;

const read: ReadListener = (words, text) => {
  const [name, , , local, peer, state] = words;
  if (name === 'Active' || name === 'Proto' || /^\(/.test(name ?? '')) return undefined;
  const protocol = /^(tcp|udp|sctp|udplite|raw)6?$/.exec(name ?? '')?.[1];
  if (protocol === 'udplite' || protocol === 'raw') return undefined;
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp') return bad;
  if (local === undefined || peer === undefined || !local.includes(':') || !peer.includes(':')) return bad;
  if (protocol === 'tcp' && !/^[A-Z][A-Z0-9_]+$/.test(state ?? '')) return bad;
  if (protocol === 'tcp' ? state !== 'LISTEN' : !peer.endsWith(':*')) return undefined; // A connection.
  const program = /\s\d+\/(\S.*)$/.exec(text.trimEnd())?.[1];
  return readListener(local, protocol, { program, wildcards });
};

const bad = 'the line is none of netstat';
