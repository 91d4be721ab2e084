import { describe, expect, test } from 'vitest';
import { InventoryRefused } from '../../src/inventory/importer.ts';
import { openXmlCutter, type XmlPiece } from '../../src/inventory/xml-cutter.ts';

const isRecord = (path: readonly string[]) => path.join('/') === 'unload/ci' || path.join('/') === 'only';

describe('XML is cut into records and the tags around them', () => {
  test.each<[string, string, readonly string[]]>([
    [
      'records and tags',
      '<unload d="1"><ci>a</ci><x/><ci/></unload>',
      ['<unload d="1"/>', '!<ci>a</ci>', '<x/>', '!<ci/>'],
    ],
    ['the root as record', '<?xml version="1.0"?><only><ci/></only>', ['!<only><ci/></only>']],
    [
      'names without prefix',
      '<s:unload xmlns:s="u"><s:ci>a</s:ci></s:unload>',
      ['<s:unload xmlns:s="u"/>', '!<s:ci>a</s:ci>'],
    ],
    ['records of the same name inside', '<unload><ci><ci/></ci></unload>', ['<unload/>', '!<ci><ci/></ci>']],
    [
      'no comments',
      '<unload><!-- <ci/> --><ci>a<!-- </ci> -->b</ci></unload>',
      ['<unload/>', '!<ci>ab</ci>'],
    ],
    [
      'sections as they are',
      '<unload><ci><![CDATA[</ci>]]]]></ci></unload>',
      ['<unload/>', '!<ci><![CDATA[</ci>]]]]></ci>'],
    ],
    [
      'tags with ">" in quotes',
      `<unload><ci a=">" b='"'>x</ci></unload>`,
      ['<unload/>', `!<ci a=">" b='"'>x</ci>`],
    ],
    ['a document type', '<!DOCTYPE unload SYSTEM "u.dtd"><unload><ci/></unload>', ['<unload/>', '!<ci/>']],
    ['names of other scripts', '<unload><größe/><ci/></unload>', ['<unload/>', '<größe/>', '!<ci/>']],
  ])('%s', (_name, text, expected) => {
    for (const size of [1, 5, text.length]) {
      const { pieces, fault } = cut(text, size);
      expect(pieces.map((piece) => (piece.kind === 'record' ? `!${piece.text}` : piece.text))).toEqual(
        expected,
      );
      expect(fault).toBeUndefined();
    }
  });

  test.each([
    ['<unload><ci>a</ci>', 'the file is cut off: its elements are not closed'],
    ['<unload><ci>a</ci></unload', 'the file is cut off: its elements are not closed'],
    ['<unload><!-- ', 'the file is cut off: its elements are not closed'],
    ['<unload><ci>a</unload>', 'it is not well-formed XML: </unload> closes <ci>'],
    ['</unload>', 'it is not well-formed XML: </unload> closes nothing'],
    ['<unload/><unload/>', 'it is not well-formed XML: a second document follows the first'],
    ['<unload/>x', 'it is not well-formed XML: text stands outside of its root'],
    ['<unload>< ci/></unload>', 'it is not well-formed XML: a "<" begins no element'],
    ['<unload/><!DOCTYPE x>', 'it is not well-formed XML: it holds markup that is no XML'],
    ['<!-- only a comment -->', 'the file holds no element'],
  ])('%s is not whole: %s', (text, reason) => {
    for (const size of [1, text.length]) expect(cut(text, size).fault).toBe(reason);
  });

  test.each([
    ['entities of its own', '<!DOCTYPE unload [<!ENTITY a "b">]><unload/>'],
    ['an entity outside of a subset', '<!ENTITY a "b"><unload/>'],
    ['200,000 levels', '<a>'.repeat(200_000)],
    ['200,000 levels inside of a record', `<unload><ci>${'<a>'.repeat(200_000)}`],
    ['200,000 attributes', `<unload ${Array.from({ length: 200_000 }, (_, i) => `a${i}="1"`).join(' ')}>`],
    ['an attribute of 30 MB', `<unload a="${'x'.repeat(30 << 20)}">`],
    ['a record of 30 MB', `<unload><ci>${'x'.repeat(30 << 20)}</ci></unload>`],
  ])('%s are refused at once', (_name, text) => {
    const started = performance.now();
    expect(() => cut(text, 64 << 10)).toThrow(InventoryRefused);
    expect(performance.now() - started).toBeLessThan(2000);
  });
});

function cut(text: string, size: number): { pieces: XmlPiece[]; fault: string | undefined } {
  const cutter = openXmlCutter(isRecord);
  const pieces: XmlPiece[] = [];
  for (let at = 0; at < text.length; at += size) pieces.push(...cutter.write(text.slice(at, at + size)));
  return { pieces, fault: cutter.end() };
}
