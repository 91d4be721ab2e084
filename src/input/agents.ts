import type { InputAgent } from './agent.ts';
import { masscanXml } from './masscan-xml.ts';
import { nmapXml } from './nmap-xml.ts';
import { portscanLines } from './portscan-lines.ts';

/** Every format that can be read; the first that recognises a file reads it. */
export const agents: readonly InputAgent[] = [masscanXml, nmapXml, portscanLines];
