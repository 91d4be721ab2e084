import { changeCode } from './change.ts';
import type { PortKey } from './endpoint.ts';
import type { Base } from './timeline.ts';

/** A row of the log as far as it decides which ports are open. */
export interface PortRow {
  /** The change code. */
  readonly kind: number;
  /** The place of its scan on the timeline. */
  readonly rank: number;
  readonly ports: readonly PortKey[];
}

/** The ports of one host and scanner that are open after these rows; they begin behind the base. */
export function openAfter(rows: readonly PortRow[], base?: Base): PortKey[] {
  const [only, second] = rows;
  if (base === undefined && only?.kind === changeCode.port_opened && second === undefined)
    return [...only.ports];
  const open = new Set<PortKey>();
  for (const [port, endpoint] of base?.state.endpoints ?? []) if (endpoint.open) open.add(port);
  let isUp = base === undefined || base.state.status !== 'gone';
  for (const { kind, ports } of [...rows].sort((a, b) => a.rank - b.rank)) {
    if (kind === changeCode.host_gone) isUp = false;
    else if (kind === changeCode.host_returned || kind === changeCode.host_new) isUp = true;
    else if (kind === changeCode.port_closed) for (const port of ports) open.delete(port);
    else for (const port of ports) open.add(port);
  }
  return isUp ? [...open].sort((a, b) => a - b) : [];
}
