import { addressAt, readAddress } from './address.ts';
import { readRange } from './address-set.ts';
import type { Selector } from './target.ts';

/** A selector in its one form: `192.0.2.10`, `10.0.0.0/8`, `group:web`, `*`. */
export function formatSelector(selector: Selector): string {
  switch (selector.kind) {
    case 'host':
      return selector.address;
    case 'cidr':
      return `${addressAt(selector.first)}/${selector.prefix}`;
    case 'group':
      return `group:${selector.name}`;
    case 'all':
      return '*';
  }
}

/** Reads what `formatSelector` writes. Throws RangeError with the reason. */
export function parseSelector(text: string): Selector {
  if (text === '*') return { kind: 'all' };
  if (text.startsWith('group:')) {
    const name = text.slice('group:'.length).trim();
    if (name === '') throw new RangeError('it names no group');
    return { kind: 'group', name };
  }
  if (text.includes('/')) return parseNetwork(text);
  const reading = readAddress(text);
  if (!reading.ok) throw new RangeError(reading.reason);
  return { kind: 'host', address: reading.address };
}

function parseNetwork(text: string): Selector {
  const range = readRange(text);
  if (typeof range === 'string') throw new RangeError(range);
  const selector: Selector = { kind: 'cidr', ...range, prefix: Number(text.slice(text.indexOf('/') + 1)) };
  const reading = readAddress(text.slice(0, text.indexOf('/')));
  if (reading.ok && reading.address !== addressAt(range.first)) {
    throw new RangeError(
      'it has bits beyond its prefix: write the network, or the address for the host alone',
    );
  }
  return selector;
}
