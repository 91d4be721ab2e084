import type { PortKey } from '../core/endpoint.ts';
import type { HostObservation, RawState } from '../core/observation.ts';
import type { ReadHints } from './agent.ts';
import { hostOfAnswer } from './answer.ts';
import { hintedPort, hintedProtocol } from './hinted-port.ts';
import { readInstant } from './instant.ts';
import { readIsoTime } from './json-value.ts';
import { readPort } from './nmap-facts.ts';

/** What zmap says about one answer, in the words of its output fields. */
export interface ZmapRow {
  readonly saddr: string | undefined;
  readonly sport: string | undefined;
  readonly classification: string | undefined;
  readonly success: string | undefined;
  readonly timestamp_ts: string | undefined;
  readonly timestamp_str: string | undefined;
}

/** For reports that do not say what kind of answer came; zmap 2.1 with `-O` lists refusals (RST) as well. */
export const everyAnswerCounts =
  'No field says how an address answered, so each counts as open. With -O csv or -O json some versions of zmap list ' +
  'closed ports as well: scan with -f saddr,sport,classification,success.';

/** Names of the fields, in old versions with dashes. */
export const zmapFields = [
  'saddr',
  'sport',
  'classification',
  'success',
  'timestamp_ts',
  'timestamp_str',
] as const satisfies readonly (keyof ZmapRow)[];

/**
 * The host of an answer, undefined where it is none, or the reason why it cannot be read. The port is that of the
 * answer, else the one that goes with the report. Throws ReportRefused SCOPE_NEEDED where nobody says it.
 */
export function readZmapRow(row: ZmapRow, hints: ReadHints): HostObservation | string | undefined {
  const { saddr, classification } = row;
  if (saddr === undefined) return 'the record names no address (saddr)';
  const observedAt =
    readInstant((row.timestamp_ts ?? '').replace(/\.\d+$/, '')) ?? readIsoTime(row.timestamp_str);
  if (classification === 'echoreply') return hostOfAnswer({ address: saddr, observedAt });
  const state = stateOf(row);
  if (state === undefined) return undefined;
  const port = portOf(row, hints);
  if (typeof port === 'string') return port;
  return hostOfAnswer({ address: saddr, port, state, reason: classification, observedAt });
}

/** Undefined for answers that are not those of the port: ICMP errors come from routers, too. */
function stateOf({ classification, success }: ZmapRow): RawState | undefined {
  if (classification === 'rst') return 'closed';
  if (success !== undefined) return /^(1|true)$/.test(success) ? 'open' : undefined;
  return classification === 'icmp' || /unreach/.test(classification ?? '') ? undefined : 'open';
}

function portOf({ sport, classification }: ZmapRow, hints: ReadHints): PortKey | string {
  if (sport === undefined) return hintedPort('zmap', hints);
  const protocol = classification === 'udp' ? 'udp' : hintedProtocol(Number(sport), hints);
  return readPort(protocol, sport);
}
