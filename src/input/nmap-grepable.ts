import type { InputAgent } from './agent.ts';
import { isGrepable, noZone, openGrepableReader } from './grepable.ts';
import { nmapHeader } from './nmap-run.ts';
import { headText } from './xml-encoding.ts';

/** nmap's grepable report. Its times name no zone; they are taken as UTC. */
export const nmapGrepable: InputAgent = {
  name: 'nmap-grepable',
  title: 'nmap grepable (-oG)',
  scattered: false,
  recognises: (head) => isGrepable(headText(head), 'nmap'),
  open: () => openGrepableReader((run) => nmapHeader({ ...run, warnings: [noZone] })),
};
