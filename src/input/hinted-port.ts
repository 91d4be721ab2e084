import { countPorts, holdsPort, type PortKey, type Protocol, portKey, protocolOf } from '../core/endpoint.ts';
import { type ReadHints, ReportRefused } from './agent.ts';

/**
 * The port of records that do not name theirs. Throws ReportRefused SCOPE_NEEDED unless exactly one port goes
 * with the report.
 */
export function hintedPort(tool: string, { ports }: ReadHints): PortKey {
  const [only] = ports ?? [];
  if (only !== undefined && countPorts(ports ?? []) === 1) return only.first;
  const why =
    only === undefined
      ? 'say which one was scanned'
      : 'several were scanned, and nobody can say which one answered; say one';
  throw new ReportRefused(
    'SCOPE_NEEDED',
    `${tool} wrote addresses without their port: ${why}, as in --ports 443/tcp.`,
  );
}

/** The protocol of a port of which only the number is written: tcp, unless only another one was scanned there. */
export function hintedProtocol(port: number, { ports }: ReadHints): Protocol {
  if (ports === undefined || holdsPort(ports, portKey('tcp', port))) return 'tcp';
  const found = (['udp', 'sctp'] as const).find((protocol) => holdsPort(ports, portKey(protocol, port)));
  const [only] = ports;
  if (found !== undefined) return found;
  return only !== undefined && countPorts(ports) === 1 ? protocolOf(only.first) : 'tcp';
}
