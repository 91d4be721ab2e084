import { expect, test } from 'vitest';
import { Unstated } from '../../src/inventory/inventory-events.ts';
import { valuesInXml } from '../../src/inventory/record-path.ts';
import { parseElement } from '../../src/inventory/xml-element.ts';

test.each([
  ['a number with an exponent stays a name', '<r><v>1e5</v></r>', '1e5'],
  ['zeroes before a serial stay', '<r><v>0000123</v></r>', '0000123'],
  ['versions stay', '<r><v>1.10</v></r>', '1.10'],
  [
    'references are decoded',
    '<r><v>M&#252;ller &amp; S&#xF6;hne &lt;intern&gt;</v></r>',
    'Müller & Söhne <intern>',
  ],
  ['references are decoded once', '<r><v>&amp;lt; &#38;amp;</v></r>', '&lt; &amp;'],
  ['unknown names stay', '<r><v>&copy; &x;</v></r>', '&copy; &x;'],
  [
    'forbidden characters are replaced',
    '<r><v>a&#0;b&#x1b;c&#xD800;d&#x110000;</v></r>',
    'a\ufffdb\ufffdc\ufffdd\ufffd',
  ],
  ['sections are not decoded', '<r><v><![CDATA[a &amp; <b>]]></v></r>', 'a &amp; <b>'],
  ['text and sections are one text', '<r><v>x &lt; <![CDATA[&amp;]]> y</v></r>', 'x < &amp; y'],
  ['attributes are decoded', '<r><v a="1"/><w b="&#252;"/></r>', 'ü'],
  ['prefixes are dropped', '<s:r xmlns:s="u"><s:v>x</s:v></s:r>', 'x'],
])('%s', (_name, text, expected) => {
  const valuesAt = valuesInXml(parseElement(text));
  expect([...valuesAt('v'), ...valuesAt('w/@b')].filter((value) => value !== '')).toEqual([expected]);
});

test('one child and two have the same shape', () => {
  expect(parseElement('<r><p>1</p></r>').children.map(({ text }) => text)).toEqual(['1']);
  expect(parseElement('<r><p>1</p><p>2</p></r>').children.map(({ text }) => text)).toEqual(['1', '2']);
});

test.each([
  '<r a=1/>',
  '<r><v></r></v>',
  '<r a="1" a="2"/>',
  '<r><constructor>1</constructor></r>',
  '<r><__proto__/></r>',
])('%s is told, and pollutes nothing', (text) => {
  expect(() => parseElement(text)).toThrow(Unstated);
  expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
});

test('400,000 references take no time that anybody notices', () => {
  const started = performance.now();
  expect(parseElement(`<r>${'&#65;'.repeat(400_000)}</r>`).text).toHaveLength(400_000);
  expect(performance.now() - started).toBeLessThan(4000);
});
