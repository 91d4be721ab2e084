import { describe, expect, test } from 'vitest';
import { formatAddressSet } from '../../src/core/address-set.ts';
import { readNmapCommand, splitWords } from '../../src/input/nmap-command.ts';
import { nmapHeader } from '../../src/input/nmap-run.ts';
import { readTargets } from '../../src/input/nmap-targets.ts';

describe('the targets of an nmap command line', () => {
  test.each([
    ['nmap 10.0.0.1', ['10.0.0.1']],
    ['nmap 10.0.0.7/24', ['10.0.0.0/24']],
    ['nmap 10.0.0-1.1-2', ['10.0.0.1-10.0.0.2', '10.0.1.1-10.0.1.2']],
    ['nmap 192.168.1.-', ['192.168.1.0/24']],
    ['nmap 192.168.*.*', ['192.168.0.0/16']],
    ['nmap 10.0.0.1,3,5-6', ['10.0.0.1', '10.0.0.3', '10.0.0.5-10.0.0.6']],
    ['nmap 10.0.0.-2', ['10.0.0.0-10.0.0.2']],
    ['nmap -6 2001:db8::/120 2001:db8:1::5', ['2001:db8::/120', '2001:db8:1::5']],
    ['nmap 10.0.0.0/30 --exclude 10.0.0.1,10.0.0.3', ['10.0.0.0', '10.0.0.2']],
    ['nmap --exclude=10.0.0.0-1 10.0.0.0/30', ['10.0.0.2/31']],
    ['nmap -p 22,80 -oX out.xml -T4 --max-rate 100 -e eth0 10.0.0.1', ['10.0.0.1']],
    ['nmap -p22 -sSV -PS22,80 -oA base -D 10.9.9.9,ME --script "a and b" 10.0.0.1', ['10.0.0.1']],
    ['nmap -nvv --min_rate 5 -d2 10.0.0.1 10.0.0.2', ['10.0.0.1-10.0.0.2']],
    ['/usr/bin/nmap -sn --dns-servers 10.1.1.1 10.0.0.1', ['10.0.0.1']],
  ])('%s', (args, expected) => {
    const reading = readTargets(readNmapCommand(args));
    expect(reading.ok && formatAddressSet(reading.addresses)).toEqual(expected);
  });

  test.each([
    ['nmap -iL hosts.txt', /-iL/],
    ['nmap -iL hosts.txt 10.0.0.1', /-iL/],
    ['nmap -iR 100', /-iR/],
    ['nmap --resume old.xml', /--resume/],
    ['nmap --excludefile x 10.0.0.0/24', /--excludefile/],
    ['nmap www.example.com', /www.example.com/],
    ['nmap 10.0.0.0/24 --exclude gw.example', /gw.example/],
    ['nmap 010.0.0.0.1', /not written as addresses/],
    ['nmap 10.0.0.300', /not written as addresses/],
    ['nmap *.*.*.1', /more than 100000 ranges/],
    ['nmap -sS', /no target/],
  ])('%s is not known', (args, reason) => {
    const reading = readTargets(readNmapCommand(args));
    expect(reading.ok ? '' : reading.reason).toMatch(reason);
  });

  test('words may be quoted as a shell would', () => {
    expect(splitWords(`a "b c" 'd "e' f\\ g ""`)).toEqual(['a', 'b c', 'd "e', 'f g', '']);
  });
});

describe('what an nmap command line says about the scan', () => {
  test.each([
    ['nmap 10.0.0.1', { names: true, status: true, absent: 'down', ports: undefined }],
    ['nmap -n --open 10.0.0.1', { names: false, status: true, absent: 'nothing_open', ports: undefined }],
    ['nmap -sn 10.0.0.1', { names: true, status: true, absent: 'down', ports: [] }],
    ['nmap -sP 10.0.0.1', { names: true, status: true, absent: 'down', ports: [] }],
    ['nmap -sL 10.0.0.1', { names: true, status: false, absent: 'unknown', ports: [] }],
    ['nmap -Pn 10.0.0.1', { names: true, status: true, absent: 'nothing_open', ports: undefined }],
    ['nmap -P0 10.0.0.1', { names: true, status: true, absent: 'nothing_open', ports: undefined }],
  ])('%s', (args, expected) => {
    const run = { tool: 'nmap', version: undefined, startedAt: undefined, ports: undefined, warnings: [] };
    const { names, status, absent, ports } = nmapHeader({ ...run, args });
    expect({ names, status, absent, ports }).toEqual(expected);
  });
});
