/** An IPv4 or IPv6 address in canonical text (RFC 5952; IPv4-mapped addresses folded to IPv4). */
export type Address = string;

export type Family = 4 | 6;

/** Either a canonical address, or the reason why the text is none. */
export type AddressReading =
  | { readonly ok: true; readonly address: Address }
  | { readonly ok: false; readonly reason: string };

/**
 * Reads one address. Ambiguous spellings (leading zeroes, fewer than four parts, hexadecimal parts)
 * and zone ids are refused with a reason, never guessed.
 */
export function readAddress(text: string): AddressReading {
  if (text.includes(':')) return readV6(text);
  const value = parseV4(text);
  return typeof value === 'number' ? { ok: true, address: text } : { ok: false, reason: value };
}

/** The canonical address, or undefined where the text is none. */
export function parseAddress(text: string): Address | undefined {
  const reading = readAddress(text);
  return reading.ok ? reading.address : undefined;
}

/** Which family a canonical address belongs to. */
export function familyOf(address: Address): Family {
  return address.includes(':') ? 6 : 4;
}

const V6_OFFSET = 1n << 33n; // Leaves a gap, so that no IPv4 range ever touches an IPv6 range.
const V6_LAST = V6_OFFSET + (1n << 128n) - 1n;
const V4_LAST = (1n << 32n) - 1n;

/** The place of an address on one line that holds both families: IPv4 first, then IPv6. */
export function positionOf(address: Address): bigint {
  if (!address.includes(':')) return BigInt(parseV4(address) as number);
  return V6_OFFSET + (parseV6(address) as bigint);
}

/** The address at a place on the line; the inverse of positionOf. */
export function addressAt(position: bigint): Address {
  if (position <= V4_LAST) return formatV4(Number(position));
  return formatV6(position - V6_OFFSET);
}

/** The last place of each family on the line. */
export const lastPosition: Readonly<Record<Family, bigint>> = { 4: V4_LAST, 6: V6_LAST };

/** Orders addresses as PostgreSQL orders `inet`: IPv4 before IPv6, then by number. */
export function compareAddresses(a: Address, b: Address): number {
  const left = positionOf(a);
  const right = positionOf(b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The number of an IPv4 address in strict dotted form, or the reason why it is none. */
function parseV4(text: string): number | string {
  const value = numberOfV4(text);
  return value < 0 ? whyNotV4(text) : value;
}

/** Digit by digit, because a report has millions of addresses; -1 for everything that is none. */
function numberOfV4(text: string): number {
  let value = 0;
  let part = 0;
  let digits = 0;
  let dots = 0;
  for (let i = 0; i < text.length; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit >= 0 && digit <= 9) {
      if (digits === 1 && part === 0) return -1;
      part = part * 10 + digit;
      digits += 1;
      if (part > 255) return -1;
    } else if (digit === -2 && digits > 0 && dots < 3) {
      value = value * 256 + part;
      part = 0;
      digits = 0;
      dots += 1;
    } else return -1;
  }
  return dots === 3 && digits > 0 ? value * 256 + part : -1;
}

function whyNotV4(text: string): string {
  const parts = text.split('.');
  if (parts.length !== 4) return 'not an IP address';
  for (const part of parts) {
    if (!/^\d{1,3}$/.test(part)) return 'not an IP address';
    if (part.length > 1 && part.startsWith('0')) return 'ambiguous: a part begins with zero';
    if (Number(part) > 255) return 'not an IP address: a part is larger than 255';
  }
  return 'not an IP address';
}

function readV6(text: string): AddressReading {
  if (text.includes('%')) return { ok: false, reason: 'zone ids are refused' };
  const value = parseV6(text);
  if (value === undefined) return { ok: false, reason: 'not an IP address' };
  if (value >> 32n === 0xffffn) return { ok: true, address: formatV4(Number(value & 0xffffffffn)) };
  return { ok: true, address: formatV6(value) };
}

/** The number of an IPv6 address in any of its spellings, or undefined. */
function parseV6(text: string): bigint | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const head = groupsOf(halves[0] ?? '', halves.length === 1);
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;

  const missing = 8 - head.length - tail.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  let value = 0n;
  for (const group of [...head, ...Array<number>(missing).fill(0), ...tail]) {
    value = (value << 16n) | BigInt(group);
  }
  return value;
}

/** The 16-bit groups of one side of `::`; a dotted IPv4 tail counts as two. */
function groupsOf(text: string, mayEndInV4: boolean): number[] | undefined {
  if (text === '') return [];
  const parts = text.split(':');
  const groups: number[] = [];
  for (const [index, part] of parts.entries()) {
    if (part.includes('.')) {
      const v4 = mayEndInV4 && index === parts.length - 1 ? parseV4(part) : '';
      if (typeof v4 === 'string') return undefined;
      groups.push(v4 >>> 16, v4 & 0xffff);
    } else {
      if (!/^[0-9a-fA-F]{1,4}$/.test(part)) return undefined;
      groups.push(Number.parseInt(part, 16));
    }
  }
  return groups;
}

function formatV4(value: number): string {
  return `${value >>> 24}.${(value >>> 16) & 255}.${(value >>> 8) & 255}.${value & 255}`;
}

/**
 * RFC 5952: lower case, no leading zeroes, the first longest run of two or more zero groups as `::`. The old
 * IPv4-compatible addresses (::/96) end in dotted form (section 5), as inet_ntop and PostgreSQL write them.
 */
function formatV6(value: bigint): string {
  if (value > 0xffffn && value <= V4_LAST) return `::${formatV4(Number(value))}`;
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  const run = longestZeroRun(groups);
  const text = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (run.length < 2) return text(groups);
  return `${text(groups.slice(0, run.start))}::${text(groups.slice(run.start + run.length))}`;
}

function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (const [index, group] of groups.entries()) {
    if (group !== 0) start = index + 1;
    else if (index + 1 - start > best.length) best = { start, length: index + 1 - start };
  }
  return best;
}
