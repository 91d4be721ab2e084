import { readAddress } from '../core/address.ts';
import type { PortKey } from '../core/endpoint.ts';
import type { HostObservation, Instant, PortObservation, RawState, Service } from '../core/observation.ts';
import { type RunHeader, scopeWanted } from './agent.ts';
import { short } from './nmap-facts.ts';

/** What one record of a tool says that writes down answers and nothing else. */
export interface Answer {
  readonly address: string;
  /** Undefined where the host answered, but no port did (a ping). */
  readonly port?: PortKey | undefined;
  readonly state?: RawState | undefined;
  readonly reason?: string | undefined;
  readonly service?: Service | undefined;
  readonly names?: readonly string[] | undefined;
  readonly observedAt?: Instant | undefined;
}

/** The host of an answer, or why the address is none. A host that answers is up. */
export function hostOfAnswer(answer: Answer): HostObservation | string {
  const reading = readAddress(answer.address);
  if (!reading.ok) return `the address "${short(answer.address)}" is refused: ${reading.reason}`;
  const host: Mutable<HostObservation> = {
    address: reading.address,
    status: 'up',
    names: answer.names ?? none,
    ports: answer.port === undefined ? none : [portOfAnswer(answer.port, answer)],
    collapsed: none,
    timedOut: false,
  };
  if (answer.observedAt !== undefined) host.observedAt = answer.observedAt;
  return host;
}

/** Written step by step, because a million of these are made from spread objects three times as slowly. */
function portOfAnswer(key: PortKey, { state, reason, service, observedAt }: Answer): PortObservation {
  const port: Mutable<PortObservation> = { port: key, state: state ?? 'open' };
  if (reason !== undefined && reason !== '') port.reason = reason;
  if (service !== undefined) port.service = service;
  if (observedAt !== undefined) port.observedAt = observedAt;
  return port;
}

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

const none: readonly never[] = [];

/** The header of a report that lists answers: it proves that hosts are up and ports open, and never what was asked. */
export function answersHeader(tool: string, more: Partial<RunHeader> = {}): RunHeader {
  return {
    tool,
    names: false,
    status: true,
    absent: 'nothing_open',
    ...more,
    warnings: [
      `${tool} does not write what it looked at: the scope ${scopeWanted}`,
      ...(more.warnings ?? []),
    ],
  };
}

/** A warning for forms whose last record does not say that it is the last. */
export const noEndMark =
  'This form has no end mark: a file that was cut off between two records cannot be told from a whole one.';
