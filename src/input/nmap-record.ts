import { hash } from 'node:crypto';
import { type Address, parseAddress } from '../core/address.ts';
import type { Instant } from '../core/observation.ts';
import { readInstant } from './instant.ts';
import type { RawRecord } from './xml-splitter.ts';

/** The part of a host record that says everything an observation holds, and its digest. */
export interface RecordEssence {
  /**
   * The record up to its last part of interest, with its start tag and perhaps without its end tag.
   * Both readers see nothing else, so equal essences are equal observations.
   */
  readonly bytes: Buffer;
  /** 32 hexadecimal digits; the times in the start tag are not in it. */
  readonly digest: string;
  /** The record's end time, where the start tag is regular. */
  readonly observedAt: Instant | undefined;
}

const PORTS_END = '</ports>';
const TIMES = '<times ';
const hostTag = /^<host(?: starttime="\d{1,11}")?(?: endtime="(\d{1,11})")?(?=>| timedout="true">)/;
const interesting = /<\/?(?:status|address|hostnames?|ports?|extraports)\b/;

/**
 * Cuts off what changes from scan to scan and says nothing about the host: the times of the start tag, and what
 * follows the last `</ports>` (times, uptime, distance, tcpsequence, trace, os, hostscript) unless it holds an
 * element that matters. A record that looks in any way unusual is kept whole.
 */
export function essenceOf({ bytes, irregular }: RawRecord): RecordEssence {
  const essence = irregular ? bytes : bytes.subarray(0, essentialLength(bytes));
  const start = irregular ? null : hostTag.exec(bytes.toString('latin1', 0, 96));
  // What is digested begins with `<host` where the start tag is kept, and never where it is left out.
  const digested = start === null ? essence : essence.subarray(start[0].length);
  return {
    bytes: essence,
    digest: hash('sha256', digested, 'hex').slice(0, 32),
    observedAt: start?.[1] === undefined ? undefined : readInstant(start[1]),
  };
}

const beginning =
  /^<host\b[^<>]*>\s*(?:<status [^<>]*\/>\s*)?<address addr="([\da-f.:]+)" addrtype="ipv[46]"\s*\/>\s*(?:<address addr="[\dA-F:]{17}" addrtype="mac"[^<>]*\/>\s*)?<(?:hostnames|ports|\/host)\b/;

/** The only IP address of a record that begins as nmap writes it, in canonical text; undefined for all others. */
export function addressOf({ bytes }: RecordEssence): Address | undefined {
  const text = beginning.exec(bytes.toString('latin1', 0, 512))?.[1];
  if (text === undefined || bytes.lastIndexOf('<address') > 512) return undefined;
  return parseAddress(text) === text ? text : undefined;
}

function essentialLength(bytes: Buffer): number {
  const ports = bytes.lastIndexOf(PORTS_END);
  const cut = ports >= 0 ? ports + PORTS_END.length : bytes.lastIndexOf(TIMES);
  if (cut < 0) return bytes.length;
  return interesting.test(bytes.toString('latin1', cut)) ? bytes.length : cut;
}
