import { expect, test } from 'vitest';
import { endOf, factsOf, importAll, problemsOf } from './importing.ts';

const plan = (inside: string, root = 'system-security-plan', part = 'system-implementation') =>
  `<${root}><${part}>${inside}</${part}></${root}>`;
const component = (state: string) =>
  `<component uuid="c"><title>Web</title><status state="${state}"/><protocol name="https"><port-range start="443" end="443" transport="TCP"/></protocol></component>`;
const item = (inside: string) =>
  `<inventory-item uuid="i"><prop name="ipv4-address" value="192.0.2.1"/>${inside}</inventory-item>`;
const uses = '<implemented-component component-uuid="c"/>';

test.each([
  ['operational', ['i/192.0.2.1 192.0.2.1 - - present', 'i/192.0.2.1/c/0 192.0.2.1 - 443/tcp required']],
  ['under-development', ['i/192.0.2.1 192.0.2.1 - - present', 'i/192.0.2.1/c/0 192.0.2.1 - 443/tcp allowed']],
  ['disposition', ['i/192.0.2.1 192.0.2.1 - - present']],
])('a component that is %s', async (state, facts) => {
  expect(factsOf(await importAll(plan(component(state) + item(uses))))).toEqual(facts);
  expect(factsOf(await importAll(plan(item(uses) + component(state))))).toEqual(facts);
});

test('assessment plans have local definitions', async () => {
  const events = await importAll(
    plan(component('operational') + item(uses), 'assessment-plan', 'local-definitions'),
  );
  expect(factsOf(events)).toHaveLength(2);
});

test('files of old have values as text and assets as attributes', async () => {
  const old = '<inventory-item asset-id="A-02"><prop name="ipv4-address">192.0.2.1</prop></inventory-item>';
  expect(factsOf(await importAll(plan(old)))).toEqual(['A-02/192.0.2.1 192.0.2.1 - - present']);
});

test.each([
  [
    'a component that is not there',
    item('<implemented-component component-uuid="x"/>'),
    'its component x is not in the file',
  ],
  [
    'a loopback address',
    '<inventory-item uuid="i"><prop name="ipv4-address" value="127.0.0.1"/></inventory-item>',
    '127.0.0.1 is a loopback address: it says nothing to others',
  ],
  [
    'an inverted range',
    component('operational').replace('end="443"', 'end="80"') + item(uses),
    'its ports cannot be read: "443-80" ends before it begins',
  ],
])('%s is told', async (_name, inside, reason) => {
  expect(problemsOf(await importAll(plan(inside)))[0]).toMatch(new RegExp(`: ${reason}$`));
});

test.each([
  ['its asset-id', '<inventory-item uuid="i"><prop name="asset-id" value="A-02"/>', 'A-02'],
  ['its UUID', '<inventory-item uuid="i">', 'i'],
  ['its place among the items', '<inventory-item>', 'inventory item 2'],
])('an item that cannot be read is named by %s', async (_name, start, name) => {
  const bad = `${start}<prop name="ipv4-address" value="127.0.0.1"/></inventory-item>`;
  const events = await importAll(plan(component('operational') + item(uses) + bad));
  expect(events.find(({ kind }) => kind === 'problem')).toMatchObject({ place: { record: 3, name } });
});

test('half of a plan is no snapshot, though its items are whole', async () => {
  const events = await importAll(plan(item('')).replace('</system-security-plan>', ''));
  expect(factsOf(events)).toHaveLength(1);
  expect(endOf(events)).toMatchObject({ complete: false, isSnapshot: false });
});
