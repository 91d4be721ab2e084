import { describe, expect, test } from 'vitest';
import type { MappingProfile } from '../../src/inventory/importer.ts';
import { readMappingProfile } from '../../src/inventory/mapping-profile.ts';
import { endOf, factsOf, importAll, problemsOf } from './importing.ts';

describe('ServiceNow', () => {
  const unload = (records: string, root = 'unload') => `<${root}>${records}</${root}>`;
  const ci = (inside: string, action = 'INSERT_OR_UPDATE') =>
    `<cmdb_ci_server action="${action}">${inside}</cmdb_ci_server>`;

  test.each(['unload', 'xml'])('the root may be %s', async (root) => {
    const events = await importAll(unload(ci('<ip_address>192.0.2.1</ip_address><sys_id>a</sys_id>'), root));
    expect(factsOf(events)).toEqual(['a 192.0.2.1 - - present']);
    expect(endOf(events)).toEqual({ complete: true, isSnapshot: true });
  });

  test('who lists what is gone does not list everything that is there', async () => {
    const events = await importAll(
      unload(ci('<ip_address>192.0.2.1</ip_address><sys_id>a</sys_id>') + ci('<sys_id>b</sys_id>', 'DELETE')),
    );
    expect(events.filter(({ kind }) => kind === 'removal')).toEqual([
      { kind: 'removal', place: { record: 2, name: 'b' }, externalId: 'b' },
      { kind: 'removal', place: { record: 2, name: 'b' }, externalId: 'b/ports' },
    ]);
    expect(endOf(events)).toEqual({ complete: true, isSnapshot: false });
  });

  test('a machine that is retired now takes its statements back', async () => {
    const events = await importAll(
      unload(ci('<ip_address>192.0.2.1</ip_address><install_status>7</install_status><sys_id>a</sys_id>')),
    );
    expect(events.map(({ kind }) => kind)).toEqual(['skipped', 'removal', 'removal', 'end']);
    expect(endOf(events).isSnapshot).toBe(true);
  });

  test.each([
    ['no id to delete', ci('', 'DELETE'), 'it is removed, and has no external id'],
    [
      'a loopback address',
      ci('<ip_address>127.0.0.4</ip_address>'),
      '127.0.0.4 is a loopback address: it says nothing to others',
    ],
    [
      'two addresses in one field',
      ci('<ip_address>192.0.2.1, 192.0.2.2</ip_address>'),
      'the address "192.0.2.1, 192.0.2.2" is refused: not an IP address',
    ],
    [
      'an inverted range',
      ci('<ip_address>192.0.2.1</ip_address><u_ports>90-80</u_ports>'),
      'its ports cannot be read: "90-80" ends before it begins',
    ],
  ])('%s is told', async (_name, record, reason) => {
    expect(problemsOf(await importAll(unload(record)))).toEqual([`1: ${reason}`]);
  });

  test('loopback addresses are taken where the caller wants them', async () => {
    const record = ci('<ip_address>127.0.0.4</ip_address><sys_id>a</sys_id>');
    const events = await importAll(unload(record), { options: { localAddresses: 'accept' } });
    expect(factsOf(events)).toEqual(['a 127.0.0.4 - - present']);
  });
});

const profile: MappingProfile = {
  name: 'firewall',
  title: 'rules of a firewall',
  records: ['config/rules/*'],
  fields: {
    externalId: ['@id'],
    selector: ['to/host', 'to/@net'],
    ports: ['to/port'],
    protocol: ['proto'],
    expect: ['action'],
    owner: ['meta[@kind=owner]/name'],
  },
  constants: { view: 'internet' },
  values: { expect: { pass: 'allowed', block: 'forbidden' } },
  removal: { path: 'state', value: 'gone' },
  only: { path: 'enabled', values: ['yes'] },
  isSnapshot: true,
};
const rule = (inside: string, id = 'r1') =>
  `<config><rules><rule id="${id}">${inside}</rule></rules></config>`;
const format = 'xml-profile';

describe('a mapping profile', () => {
  test.each([
    [
      'paths, constants and words',
      '<to><host>192.0.2.1</host><port>22</port></to><action>pass</action>',
      'r1 192.0.2.1 internet 22/tcp allowed',
    ],
    [
      'several paths in order',
      '<to net="10.0.0.0/8"><host/><port>23</port></to><action>block</action>',
      'r1 10.0.0.0/8 internet 23/tcp forbidden',
    ],
    [
      'several values of ports',
      '<to><host>192.0.2.1</host><port>53</port><port>54</port></to><proto>udp</proto><action>pass</action>',
      'r1 192.0.2.1 internet 53-54/udp allowed',
    ],
    [
      'words that need no translation',
      '<to><host>192.0.2.1</host><port>22</port></to><action>required</action>',
      'r1 192.0.2.1 internet 22/tcp required',
    ],
    [
      'what is usual where no word is there',
      '<to><host>192.0.2.1</host><port>22</port></to>',
      'r1 192.0.2.1 internet 22/tcp required',
    ],
    [
      'records with the value that is asked for',
      '<to><host>192.0.2.1</host></to><enabled>yes</enabled>',
      'r1 192.0.2.1 internet - present',
    ],
  ])('has %s', async (_name, inside, fact) => {
    expect(factsOf(await importAll(rule(inside), { format, options: { profile } }))).toEqual([fact]);
  });

  test('has elements with an attribute of some value', async () => {
    const inside =
      '<to><host>192.0.2.1</host></to><meta kind="x"><name>no</name></meta><meta kind="owner"><name>ops</name></meta>';
    const [event] = await importAll(rule(inside), { format, options: { profile } });
    expect(event).toMatchObject({ row: { owner: 'ops' } });
  });

  test('leaves out what has another value, and takes it back', async () => {
    const events = await importAll(rule('<to><host>192.0.2.1</host></to><enabled>no</enabled>'), {
      format,
      options: { profile },
    });
    expect(events.slice(0, 2)).toEqual([
      { kind: 'skipped', place: { record: 1, name: 'r1' }, reason: 'its enabled is "no"' },
      { kind: 'removal', place: { record: 1, name: 'r1' }, externalId: 'r1' },
    ]);
  });

  test('tells words that mean nothing', async () => {
    const events = await importAll(
      rule('<to><host>192.0.2.1</host><port>22</port></to><action>reject</action>'),
      { format, options: { profile } },
    );
    expect(problemsOf(events)).toEqual([
      '1: "reject" is not one of allowed, required, forbidden, optional, present, absent',
    ]);
  });

  test('may be read from a file', async () => {
    const reading = readMappingProfile(JSON.stringify({ ...profile, title: undefined, values: undefined }));
    expect(reading).toEqual({ ok: true, profile: { ...profile, title: 'firewall', values: {} } });
  });
});

test('without a profile the usual names of fields are tried', async () => {
  const text =
    '<hosts><host id="7"><ip>192.0.2.1</ip><ports>22,443</ports><expect>allowed</expect></host></hosts>';
  const events = await importAll(text, { format });
  expect(factsOf(events)).toEqual(['7 192.0.2.1 - 22,443/tcp allowed']);
  expect(endOf(events)).toEqual({ complete: true, isSnapshot: false });
});
