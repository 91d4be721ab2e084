import type { PortObservation, RawState, Service } from '../core/observation.ts';
import { asState, readPort, short, toService } from './nmap-facts.ts';

/** The columns of a table of ports, as its first line names them. */
export interface PortTable {
  readonly isProtocols: boolean;
  readonly hasReasons: boolean;
  /** Where the column of versions begins; undefined where there is none. */
  readonly versionAt: number | undefined;
}

/** The table that begins with this line, if one does. */
export function tableOf(text: string): PortTable | undefined {
  const match = /^(PORT|PROTOCOL)\s+STATE\s+SERVICE\b(.*)$/.exec(text);
  if (match === null) return undefined;
  const version = text.indexOf(' VERSION');
  return {
    isProtocols: match[1] === 'PROTOCOL',
    hasReasons: /\bREASON\b/.test(match[2] as string),
    versionAt: version < 0 ? undefined : version + 1,
  };
}

/** Whether a line looks like a row of a table, be it damaged: a port with its protocol, or a state as second word. */
export function seemsToBeRow(text: string): boolean {
  return (
    /^\S{1,8}\/(tcp|udp|sctp)\b/.test(text) ||
    /^\S{1,12}\s+(open|closed|filtered|unfiltered|open\|filtered|closed\|filtered)\s/.test(text)
  );
}

/** A row, or why it is none. */
export function readRow(text: string, table: PortTable): PortObservation | string {
  const match = /^(\d+)(?:\/(\w+))?\s+(\S+)(?:\s+(\S+)(.*))?$/.exec(text.trimEnd());
  if (match === null) return `"${short(text)}" is not a row of ports`;
  const [, port, protocol, stateText, name, rest] = match as unknown as string[];
  const key = readPort(table.isProtocols ? 'ip' : protocol, port);
  if (typeof key === 'string') return key;
  const state: RawState | undefined = asState(stateText);
  if (state === undefined) return `"${short(stateText)}" is not a state of a port`;
  const reason = table.hasReasons ? /^\s+(\S+)/.exec(rest ?? '')?.[1] : undefined;
  const version = table.versionAt === undefined ? undefined : text.slice(table.versionAt).trim();
  const service = serviceOf(name, version);
  return {
    port: key,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(service === undefined ? {} : { service }),
  };
}

/**
 * `ssl/http` is http through a tunnel, `http?` a guess. Product, version and what else was found stand in one
 * column and are kept together as the product.
 */
function serviceOf(written: string | undefined, version: string | undefined): Service | undefined {
  const match = /^(?:(ssl)\/)?(.*?)\??$/.exec(written ?? '');
  const name = match?.[2] === 'unknown' ? undefined : match?.[2];
  return toService({
    name,
    tunnel: match?.[1],
    product: version === '' ? undefined : version,
    version: undefined,
    extrainfo: undefined,
    method: match?.[1] === undefined ? undefined : 'probed',
    cpes: [],
  });
}
