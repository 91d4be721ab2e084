import type { InputAgent } from './agent.ts';
import { firstLines } from './line-report.ts';
import { openListing, type ReadListener, readListener } from './listing-report.ts';
import { headText } from './xml-encoding.ts';

/** What a Linux host says of its own listeners: `ss -tulpn`. */
export const ssListing: InputAgent = {
  name: 'ss-listing',
  title: 'listeners of a host by ss -tulpn',
  scattered: false,
  recognises(head) {
    const lines = firstLines(headText(head), 3);
    return lines.some(
      (line) => /^(Netid\s+)?State\s+Recv-Q\s+Send-Q\s+Local Address:Port/.test(line) || isRow(line),
    );
  },
  open: (hints) => openListing('ss', read, hints),
};

function isRow(line: string): boolean {
  return /^(tcp|udp)\s+(LISTEN|UNCONN)\s+\d+\s+\d+\s+\S+:\d+\s+\S+:\*/.test(line);
}

/** `*` is a socket of IPv6 that takes IPv4 as well, `[::]` one that does not (iproute2, misc/ss.c). */
const wildcards = { '0.0.0.0': [4], '[::]': [6], '::': [6], '*': [4, 6] } as const;

const read: ReadListener = (words, text) => {
  if (/^(Netid|State)$/.test(words[0] as string) || connection.test(words[0] as string)) return undefined;
  const hasNetid = !/^(LISTEN|UNCONN)$/.test(words[0] as string);
  const [netid, state, , , local] = hasNetid ? words : ['tcp', ...words];
  if (netid !== 'tcp' && netid !== 'udp' && netid !== 'sctp') return isOther(netid) ? undefined : bad;
  if (!/^[A-Z][A-Z0-9-]+$/.test(state ?? '') || local === undefined || !local.includes(':')) return bad;
  if (state !== 'LISTEN' && !(state === 'UNCONN' && netid === 'udp')) return undefined; // A connection.
  const program = /users:\(\("([^"]+)"/.exec(text)?.[1];
  return readListener(local, netid, { program, wildcards });
};

/** The states of `ss -tan`, which leaves out the first column (iproute2, misc/ss.c). */
const connection = /^(ESTAB|SYN-SENT|SYN-RECV|FIN-WAIT-[12]|TIME-WAIT|CLOSE-WAIT|LAST-ACK|CLOSING|CLOSED)$/;

const bad = 'the line is none of ss';

/** Sockets that are reached from no other host. */
function isOther(netid: string | undefined): boolean {
  return /^(u_str|u_dgr|u_seq|nl|p_raw|p_dgr|raw|icmp6|v_str|v_dgr|tipc|xdp|mptcp|dccp|\?\?\?)$/.test(
    netid ?? '',
  );
}
