import type { PortKey } from '../core/endpoint.ts';
import { isMoreInformative, type PortObservation, type Service } from '../core/observation.ts';

/** Orders texts by code point, not by UTF-16 unit. */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const left = a.charCodeAt(i);
    const right = b.charCodeAt(i);
    if (left === right) continue;
    const isMixed = left >= 0xd800 && right >= 0xd800;
    return isMixed ? (a.codePointAt(i) as number) - (b.codePointAt(i) as number) : left - right;
  }
  return a.length - b.length;
}

/** The ports sorted by key, each once: the most informative state wins, then the richer service. */
export function sortedPorts(ports: readonly PortObservation[]): readonly PortObservation[] {
  let isSorted = true;
  for (let i = 1; i < ports.length && isSorted; i += 1) {
    isSorted = (ports[i - 1] as PortObservation).port < (ports[i] as PortObservation).port;
  }
  if (isSorted) return ports;
  const once = new Map<PortKey, PortObservation>();
  for (const port of ports) {
    const known = once.get(port.port);
    once.set(port.port, known === undefined ? port : mergePort(known, port));
  }
  return [...once.values()].sort((a, b) => a.port - b.port);
}

/** Two statements about one port as one. */
export function mergePort(a: PortObservation, b: PortObservation): PortObservation {
  const better = isMoreInformative(b.state, a.state) ? b : a;
  const service = mergeService(better, better === a ? b : a);
  const observedAt = Math.max(a.observedAt ?? 0, b.observedAt ?? 0);
  const { port, state } = better;
  const reason = a.state === b.state ? firstOf(a.reason, b.reason) : better.reason;
  return {
    port,
    state,
    ...(reason === undefined ? {} : { reason }),
    ...(service === undefined ? {} : { service }),
    ...(observedAt === 0 ? {} : { observedAt }),
  };
}

/** Any order will do, so that merging does not depend on who came first; a text beats none. */
function firstOf(a: string | undefined, b: string | undefined): string | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return a < b ? a : b;
}

/** The richer of two services; that of the first port where only its state says more. */
function mergeService(better: PortObservation, other: PortObservation): Service | undefined {
  const a = better.service;
  const b = other.service;
  if (a === undefined || b === undefined) return a ?? b;
  return richness(b) > richness(a) || (richness(b) === richness(a) && comesBefore(b, a)) ? b : a;
}

/** How much a service says; a probed one says more than any that was looked up. */
function richness(service: Service): number {
  const texts = [service.name, service.product, service.version, service.extra, service.tunnel];
  const said = texts.filter((text) => text !== undefined).length + (service.cpe?.length ?? 0);
  return (service.probed ? 1000 : 0) + said;
}

/** Any order will do, so that merging does not depend on who came first. */
function comesBefore(a: Service, b: Service): boolean {
  return JSON.stringify(a) < JSON.stringify(b);
}
