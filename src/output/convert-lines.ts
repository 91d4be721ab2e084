import { portOf, protocolOf } from '../core/endpoint.ts';
import type { HostObservation, Instant } from '../core/observation.ts';

/** When a run took place, as far as its report says. */
export interface RunTimes {
  readonly startedAt?: Instant;
  readonly endedAt?: Instant;
}

/**
 * The open ports of a host as the uniform lines of the Dr. Portscan article (Linux Magazine 155/2013):
 * `address port protocol timestamp`, each with its line end. The time is that of the port, else of the host,
 * else of the run; UTC. It is left out where nothing says it.
 */
export function portscanLinesOf(host: HostObservation, run: RunTimes): string {
  let lines = '';
  for (const { port, state, observedAt } of host.ports) {
    if (state !== 'open') continue;
    const instant = observedAt ?? host.observedAt ?? run.endedAt ?? run.startedAt;
    const time = instant === undefined ? '' : ` ${new Date(instant).toISOString()}`;
    lines += `${host.address} ${portOf(port)} ${protocolOf(port)}${time}\n`;
  }
  return lines;
}
