import { describe, expect, test } from 'vitest';
import { openReaders } from '../../src/pipeline/readers.ts';
import { eachDatabase } from '../support/databases.ts';
import { on, refusal, uploadsTo } from './uploading.ts';

eachDatabase(({ database }) => {
  const { scannerOf, upload, uploadOne, settled } = uploadsTo(database);

  describe('a large report', () => {
    const hosts = Array.from({ length: 700 }, (_, i) => ({
      address: `10.0.${i >> 8}.${i & 255}`,
      names: [`host-${i}.example`],
      ports: i % 3 === 0 ? ['22 open', '80 open'] : ['22 open'],
    }));
    const targets = '10.0.0.0/16';
    const first = on(1, { targets, hosts });
    const second = on(2, {
      targets,
      hosts: hosts.slice(5).map((host, i) => (i % 50 ? host : { ...host, ports: [] })),
    });

    test('is read in a thread, with the same result', async () => {
      const readers = openReaders();
      try {
        const [near, far] = [await scannerOf(), await scannerOf()];
        for (const text of [first, second]) {
          const one = await uploadOne(near, text);
          const two = await uploadOne(far, text, { reading: readers.read });
          expect({ ...two.receipt, durationMs: 0 }).toEqual({ ...one.receipt, durationMs: 0 });
        }
        expect(await settled(far)).toEqual(await settled(near));
      } finally {
        await readers.close();
      }
    });

    test('has its refusals told by the thread', async () => {
      const readers = openReaders();
      const text = first.replace('<nmaprun', '<!ENTITY a "b"><nmaprun');
      expect(await refusal(upload(await scannerOf(), text, { reading: readers.read }))).toBe('UNSAFE_XML');
      await readers.close();
    });
  });
});
