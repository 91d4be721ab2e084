import { expect, test } from 'vitest';
import { nmapXml } from '../../src/input/nmap-xml.ts';
import { readWith } from './reading.ts';

const scaninfo = '<scaninfo type="syn" protocol="tcp" numservices="2" services="22,80"/>';
const closed = '<ports><extraports state="closed" count="2"/></ports>';

test.each([
  ['up and without <ports> was given up on', scaninfo, 'up', '', true],
  ['up and without an open port was looked at', scaninfo, 'up', closed, false],
  ['down has no <ports>', scaninfo, 'down', '', false],
  ['up in a run that looked at no ports has no <ports>', '', 'up', '', false],
])('a host that is %s', (_name, ports, status, inside, timedOut) => {
  const { runs } = readWith(nmapXml.open(), report(ports, hostOf(status, inside)));
  expect(runs[0]?.hosts.map((host) => host.timedOut)).toEqual([timedOut]);
});

function hostOf(status: string, inside: string): string {
  return `<host><status state="${status}"/><address addr="192.0.2.1" addrtype="ipv4"/>${inside}</host>`;
}

function report(scan: string, host: string): Buffer {
  return Buffer.from(
    `<nmaprun scanner="nmap" args="nmap -v 192.0.2.0/24" start="5" version="7.80">${scan}${host}<runstats>` +
      '<finished time="9" exit="success"/></runstats></nmaprun>\n',
  );
}
