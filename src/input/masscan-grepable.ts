import { type InputAgent, type RunHeader, scopeWanted } from './agent.ts';
import { type GrepableRun, isGrepable, noZone, openGrepableReader } from './grepable.ts';
import { headText } from './xml-encoding.ts';

/** masscan's grepable report: a line per answer. */
export const masscanGrepable: InputAgent = {
  name: 'masscan-grepable',
  title: 'masscan grepable (-oG)',
  scattered: true,
  recognises: (head) => isGrepable(headText(head), 'masscan'),
  open: () => openGrepableReader(masscanHeader),
};

function masscanHeader({ version, startedAt, ports }: GrepableRun): RunHeader {
  // A conversion with --readscan writes TCP(0;) whatever was scanned.
  const isKnown = ports !== undefined && ports.length > 0;
  const scope = isKnown ? 'The scope of addresses' : 'What was looked at';
  return {
    tool: 'masscan',
    ...(version === undefined ? {} : { version }),
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(isKnown ? { ports } : {}),
    names: false,
    status: true,
    absent: 'nothing_open',
    warnings: [noZone, `${scope} is not in the report: it ${scopeWanted}`],
  };
}
