import { parseAddress } from '../core/address.ts';
import type { Protocol } from '../core/endpoint.ts';
import type { ReadHints, ReportReader } from './agent.ts';
import { noEndMark } from './answer.ts';
import { openLineReport } from './line-report.ts';
import { hostsOfListing, type Listener, ownAddresses } from './listing-host.ts';
import { readPort, short } from './nmap-facts.ts';
import { capValue } from './xml-text.ts';

/** A line of a listing, undefined for one that is no listener, or the reason why it cannot be read. */
export type ReadListener = (words: readonly string[], text: string) => Listener | string | undefined;

/**
 * A reader for what a host says of itself. The first line is kept out by `read`. Throws ReportRefused
 * SCOPE_NEEDED unless the addresses of the host go with the listing.
 */
export function openListing(tool: string, read: ReadListener, hints: ReadHints = {}): ReportReader {
  const addresses = ownAddresses(tool, hints);
  const listeners: Listener[] = [];
  return openLineReport({
    header: () => ({
      tool,
      names: false,
      status: true,
      absent: 'nothing_open',
      warnings: [
        `${tool} lists what was asked for: without --ports, as in --ports 1-65535/tcp,1-65535/udp, nothing is closed.`,
        'A host sees its own listeners; whether others reach them, it cannot know.',
        noEndMark,
      ],
    }),
    line(text) {
      const words = text.trim().split(/\s+/);
      const found = words[0] === '' ? undefined : read(words, text);
      if (typeof found === 'string') return found;
      if (found !== undefined) listeners.push(found);
      return undefined;
    },
    end(log) {
      for (const host of hostsOfListing(addresses, listeners)) log.host(host);
      return {};
    },
  });
}

/** A listener at `address:port`, with the families that `*` and the like stand for. */
export function readListener(
  written: string,
  protocol: Protocol,
  {
    program,
    wildcards,
  }: { program: string | undefined; wildcards: Readonly<Record<string, readonly (4 | 6)[]>> },
): Listener | string | undefined {
  const colon = written.lastIndexOf(':');
  const port = readPort(protocol, written.slice(colon + 1));
  if (typeof port === 'string') return port;
  const host = written.slice(0, colon);
  const kept = program === undefined ? undefined : capValue(program);
  const families = Object.hasOwn(wildcards, host) ? wildcards[host] : undefined;
  if (families !== undefined) return { on: families, port, program: kept };
  if (host.includes('%')) return undefined; // Of one interface only: link-local, or bound to a device.
  const address = parseAddress(host.replace(/^\[(.*)\]$/, '$1'));
  return address === undefined ? `"${short(host)}" is not an address` : { on: address, port, program: kept };
}
