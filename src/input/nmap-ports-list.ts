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
  let value = -1;
  let first = -1;
  let previous = -2;
  for (let i = 0; i <= text.length; i += 1) {
    const code = i === text.length ? 0x2c : text.charCodeAt(i);
    if (code >= 0x30 && code <= 0x39) {
      value = (value < 0 ? 0 : value * 10) + code - 0x30;
      if (value > highest) return undefined;
    } else if (code === 0x2d && first < 0 && value >= 0) {
      first = value;
      value = -1;
    } else if (code === 0x2c && value >= 0) {
      if (first < 0) first = value;
      if (first <= previous + 1 || value < first) return undefined;
      ranges.push({ first: base + first, last: base + value });
      previous = value;
      first = -1;
      value = -1;
    } else {
      return undefined;
    }
  }
  return ranges;
}
