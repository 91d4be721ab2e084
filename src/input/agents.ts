import type { InputAgent } from './agent.ts';
import { drportscanJsonl } from './drportscan-jsonl.ts';
import { masscanGrepable } from './masscan-grepable.ts';
import { masscanXml } from './masscan-xml.ts';
import { nmapGrepable } from './nmap-grepable.ts';
import { nmapXml } from './nmap-xml.ts';
import { portscanLines } from './portscan-lines.ts';

/** Every format that can be read; the first that recognises a file reads it. */
export const agents: readonly InputAgent[] = [
  drportscanJsonl,
  masscanXml,
  nmapXml,
  masscanGrepable,
  nmapGrepable,
  portscanLines,
];
