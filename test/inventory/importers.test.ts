import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { detectInventory } from '../../src/inventory/detect-inventory.ts';
import { InventoryRefused } from '../../src/inventory/importer.ts';
import { importers } from '../../src/inventory/importers.ts';
import { mutate, mutations } from '../input/mutations.ts';
import { propertyRuns } from '../support/property-runs.ts';
import {
  endOf,
  importAll,
  importOrRefuse,
  inventorySamples,
  problemsOf,
  sampleOptions,
} from './importing.ts';

const options = sampleOptions;

describe('every sample of an inventory', () => {
  test('there is one for each importer that recognises its files', () => {
    const tried = new Set(inventorySamples.map(({ format }) => format));
    const missing = importers.map(({ name }) => name).filter((name) => !tried.has(name));
    expect(missing).toEqual(['xml-profile', 'json-profile']);
  });

  test.each(inventorySamples)('$path says what was written down by hand', async ({ bytes, expected }) => {
    expect(await importAll(bytes, { options })).toEqual(expected);
  });

  test.each(inventorySamples)('$path is recognised by its content', async ({ format, bytes }) => {
    const recognising = importers.filter((importer) => importer.recognises(bytes)).map(({ name }) => name);
    expect(recognising).toEqual([format]);
  });

  test.each(inventorySamples)('$path says the same in chunks of any size', async ({ bytes, expected }) => {
    for (const chunk of [1, 7, 1000]) expect(await importAll(bytes, { options, chunk })).toEqual(expected);
  });

  test.each(inventorySamples)('$path says the same in UTF-16', async ({ bytes, format, expected }) => {
    const text = Buffer.from(`\ufeff${bytes.toString('utf8')}`, 'utf16le');
    expect(await importAll(text, { options, format })).toEqual(expected);
  });

  test.each(inventorySamples)('$path is no snapshot wherever it is cut off', async ({ bytes, format }) => {
    for (let at = 1; at < bytes.toString('utf8').trimEnd().length - 1; at += 1) {
      const events = await importOrRefuse(bytes.toString('utf8').slice(0, at), { options, format });
      if (typeof events === 'string') continue;
      const { complete, isSnapshot } = endOf(events);
      const isRefused = !complete || !isSnapshot || problemsOf(events).length > 0;
      if (!isRefused) expect.soft(lineEndsAt(bytes, at), `cut at ${at}`).toBe(true);
    }
  });
});

describe('damaged inventories', () => {
  test.each(inventorySamples)(
    '$path may be damaged in any way: it is read or refused',
    async ({ bytes, format }) => {
      const text = bytes.toString('utf8');
      await fc.assert(
        fc.asyncProperty(mutations, async (all) => {
          const events = await importOrRefuse(mutate(text, all), { options, format });
          if (typeof events !== 'string') expect(endOf(events)).toBeDefined();
        }),
        { numRuns: propertyRuns(150) },
      );
    },
  );

  test('no importer throws anything but a refusal, whatever it is given', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...importers),
        fc.constantFrom(...inventorySamples),
        fc.uint8Array({ maxLength: 40 }),
        async ({ name }, { bytes }, noise) => {
          for (const content of [
            noise,
            bytes,
            Buffer.concat([bytes, noise]),
            Buffer.concat([noise, bytes]),
          ]) {
            const events = await importOrRefuse(content, { format: name, options });
            if (typeof events !== 'string') expect(endOf(events)).toBeDefined();
          }
        },
      ),
      { numRuns: propertyRuns(300) },
    );
  });
});

const shapes = [
  '<',
  '<a>',
  '<a b="',
  '<a b=',
  '<!--',
  '<![CDATA[',
  '<?',
  '&#65;',
  '<!',
  '</',
  '>',
  'x',
  '[',
  '{"a":',
  '"',
  '\\',
  '[1,',
  '{"results":[',
  '{"_meta":{"hostvars":{',
  ':',
  ',',
  '\n',
  '\r',
  ';',
  '"content":{',
  '1,',
  '1-',
  ' ',
  '1 ',
  ': ',
  '192.0.2.1: 1\n',
  '#',
  '\t',
];

describe('256 kB of one piece over and over are read or refused in no time', () => {
  test.each(importers)(
    'by $name',
    async ({ name }) => {
      for (const shape of shapes) {
        const text = shape.repeat(Math.ceil((256 << 10) / shape.length));
        const started = process.cpuUsage();
        await importOrRefuse(text, { format: name, options });
        await importOrRefuse(`<unload><a>${text}`, { format: name, options });
        await importOrRefuse(`{"results":[${text}`, { format: name, options });
        const { user } = process.cpuUsage(started);
        expect.soft(user / 1000, JSON.stringify(shape)).toBeLessThan(3000);
      }
    },
    120_000,
  );

  test('by the detection', () => {
    for (const shape of shapes) {
      const started = process.cpuUsage();
      for (const before of ['', '<', '{', '[', '<?xml ', '<unload>', '{"content":{']) {
        const head = Buffer.from(before + shape.repeat(64 << 10)).subarray(0, 64 << 10);
        try {
          detectInventory(head);
        } catch (error) {
          expect(error).toBeInstanceOf(InventoryRefused);
        }
      }
      const { user } = process.cpuUsage(started);
      expect.soft(user / 1000, JSON.stringify(shape)).toBeLessThan(3000);
    }
  });
});

/** Line formats have no end mark: a file that was cut off after a line is one that has fewer lines. */
function lineEndsAt(bytes: Buffer, at: number): boolean {
  const text = bytes.toString('utf8');
  return text[at - 1] === '\n' || text[at] === '\n';
}
