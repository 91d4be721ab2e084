import { expect, test } from 'vitest';
import { formatPortSet } from '../../src/core/endpoint.ts';
import { portsOfCommand, readNmapCommand } from '../../src/input/nmap-command.ts';
import { nmapGrepable } from '../../src/input/nmap-grepable.ts';
import { readWith } from './reading.ts';

test.each([
  ['-p 22,80', '22,80/tcp'],
  ['-sS -sV -p22,80-90', '22,80-90/tcp'],
  ['', undefined],
  ['-p-', undefined],
  ['-p http,80', undefined],
  ['-p T:80,U:53', undefined],
  ['-p 90-80', undefined],
  ['-sU -p 53', undefined],
  ['-sSU -p 53', undefined],
  ['-p 1-100 --exclude-ports 22', undefined],
])('the ports of "nmap %s" are %s', (options, expected) => {
  const ports = portsOfCommand(readNmapCommand(`nmap ${options} 192.0.2.0/24`));
  expect(ports && formatPortSet(ports)).toBe(expected);
});

test('a grepable report without -v looked at the ports of its command line', () => {
  const report = `# Nmap 7.94 scan initiated Mon Nov 23 04:06:56 2026 as: nmap -p 22,80 -oG x 192.0.2.0/30
Host: 192.0.2.1 ()\tPorts: 22/open/tcp//ssh///\tIgnored State: closed (1)
# Nmap done at Mon Nov 23 04:06:58 2026 -- 4 IP addresses (1 host up) scanned in 1.31 seconds
`;
  const { runs } = readWith(nmapGrepable.open(), Buffer.from(report));
  expect(formatPortSet(runs[0]?.run.ports ?? [])).toBe('22,80/tcp');
});
