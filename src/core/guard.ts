/** What a complete scan would bring about, in settled changes of its own. */
export interface ScanEffect {
  readonly hostsGone: number;
  /** Hosts that were up before and still are. */
  readonly hostsStillUp: number;
  readonly portsClosed: number;
  /** Endpoints that were open before and still are. */
  readonly portsStillOpen: number;
}

/** Below these a scan is never held: in small networks half of everything is one machine. */
export const guardFloor = { hosts: 10, ports: 50 } as const;

/**
 * Why a scan looks as if its scanner had gone blind, or undefined where it does not: it would take away more
 * than the share of what it covers. Such a scan is held until a person releases or discards it.
 */
export function whyHeld(effect: ScanEffect, guardShare: number): string | undefined {
  const { hostsGone, hostsStillUp, portsClosed, portsStillOpen } = effect;
  if (hostsGone >= guardFloor.hosts && hostsGone > guardShare * (hostsGone + hostsStillUp)) {
    return `it would mark ${hostsGone} of ${hostsGone + hostsStillUp} hosts as gone`;
  }
  if (portsClosed >= guardFloor.ports && portsClosed > guardShare * (portsClosed + portsStillOpen)) {
    return `it would mark ${portsClosed} of ${portsClosed + portsStillOpen} open ports as closed`;
  }
  return undefined;
}
