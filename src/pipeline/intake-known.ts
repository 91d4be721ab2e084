import type { Address } from '../core/address.ts';

/** What the store knows of a host under one profile, as far as it decides whether the host must be looked at. */
export interface Known {
  readonly address: Address;
  /** Digest of the latest content; `-` for a host that was not listed; undefined without a head. */
  readonly digest: string | undefined;
  readonly recordDigest: string;
  readonly hasState: boolean;
  readonly mustFold: boolean;
  readonly up: boolean;
  readonly openPorts: number;
}

/** The digest of a host that a scan covers and does not list. */
export const absentDigest = '-';

/** Reads the lines `address digest record-digest flags open-ports` that the store packs. */
export function unpackKnown(text: string): Map<Address, Known> {
  const known = new Map<Address, Known>();
  if (text === '') return known;
  for (const line of text.split('\n')) {
    const [address = '', digest = '', recordDigest = '', flags = '', open = ''] = line.split(' ');
    known.set(address, {
      address,
      digest: digest === '?' ? undefined : digest,
      recordDigest: recordDigest === '?' ? '' : recordDigest,
      hasState: flags.includes('s'),
      mustFold: flags.includes('m'),
      up: flags.includes('u'),
      openPorts: Number(open),
    });
  }
  return known;
}
