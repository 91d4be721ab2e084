import type { InputAgent } from './agent.ts';
import { censysJson } from './censys-json.ts';
import { drportscanJsonl } from './drportscan-jsonl.ts';
import { ivreJson } from './ivre-json.ts';
import { masscanGrepable } from './masscan-grepable.ts';
import { masscanJson } from './masscan-json.ts';
import { masscanList } from './masscan-list.ts';
import { masscanStdout } from './masscan-stdout.ts';
import { masscanUnicornscan } from './masscan-unicornscan.ts';
import { masscanXml } from './masscan-xml.ts';
import { naabuJson } from './naabu-json.ts';
import { naabuLines } from './naabu-lines.ts';
import { nessusXml } from './nessus-xml.ts';
import { netstatListing } from './netstat-listing.ts';
import { nexposeXml } from './nexpose-xml.ts';
import { nmapFormatterJson } from './nmap-formatter-json.ts';
import { nmapGrepable } from './nmap-grepable.ts';
import { nmapNormal } from './nmap-normal.ts';
import { nmapXml } from './nmap-xml.ts';
import { openvasXml } from './openvas-xml.ts';
import { portscanLines } from './portscan-lines.ts';
import { qualysXml } from './qualys-xml.ts';
import { rustscanConsole } from './rustscan-console.ts';
import { rustscanGreppable } from './rustscan-greppable.ts';
import { shodanJson } from './shodan-json.ts';
import { ssListing } from './ss-listing.ts';
import { zgrab2Json } from './zgrab2-json.ts';
import { zmapCsv } from './zmap-csv.ts';
import { zmapJson } from './zmap-json.ts';

/** Every format that can be read; the first that recognises a file reads it. */
export const agents: readonly InputAgent[] = [
  drportscanJsonl,
  masscanXml,
  nmapXml,
  nessusXml,
  openvasXml,
  qualysXml,
  nexposeXml,
  rustscanConsole,
  nmapNormal,
  masscanUnicornscan,
  masscanGrepable,
  nmapGrepable,
  masscanJson,
  zgrab2Json,
  nmapFormatterJson,
  shodanJson,
  censysJson,
  ivreJson,
  zmapJson,
  naabuJson,
  masscanList,
  masscanStdout,
  rustscanGreppable,
  ssListing,
  netstatListing,
  portscanLines,
  naabuLines,
  zmapCsv,
];
