import { type PortSet, type Protocol, portKey, readPorts } from '../core/endpoint.ts';

/**
 * `extrareasons/@ports` as a set. nmap writes the ranges in rising order, which is read in one pass; anything
 * else goes to `readPorts`. Undefined where the text is no list of ports.
 */
export function readPortsList(protocol: Protocol, text: string): PortSet | undefined {
  const fast = readRising(portKey(protocol, 0), protocol === 'ip' ? 255 : 65535, text);
  if (fast !== undefined) return fast;
  const reading = readPorts(protocol, text);
  return reading.ok ? reading.ports : undefined;
}

function readRising(base: number, highest: number, text: string): PortSet | undefined {
  const ranges: { first: number; last: number }[] = [];
  let previous = -2;
  for (let at = 0; at < text.length; ) {
    const first = numberAt(text, at);
    const dash = at + digitsOf(first);
    const hasDash = text.charCodeAt(dash) === 0x2d;
    const last = hasDash ? numberAt(text, dash + 1) : first;
    const end = hasDash ? dash + 1 + digitsOf(last) : dash;
    const isRising = first > previous + 1 && last >= first && last <= highest;
    if (!isRising || (end < text.length && (text.charCodeAt(end) !== 0x2c || end + 1 === text.length)))
      return undefined;
    ranges.push({ first: base + first, last: base + last });
    previous = last;
    at = end + 1;
  }
  return text === '' ? undefined : ranges;
}

/** The number at a place: digits without a leading zero; -9 where there is none. */
function numberAt(text: string, at: number): number {
  let value = 0;
  let i = at;
  for (; i < at + 6; i += 1) {
    const code = text.charCodeAt(i);
    if (!(code >= 0x30 && code <= 0x39)) break;
    value = value * 10 + code - 0x30;
  }
  const isNumber = i > at && (text.charCodeAt(at) !== 0x30 || i === at + 1);
  return isNumber ? value : -9;
}

function digitsOf(value: number): number {
  return value < 10 ? 1 : value < 100 ? 2 : value < 1000 ? 3 : value < 10_000 ? 4 : value < 100_000 ? 5 : 6;
}
