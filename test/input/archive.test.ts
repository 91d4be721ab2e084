import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { ownSamples } from './own-samples.ts';
import { readBytes } from './reading.ts';

const report = ownSamples.find(({ agent }) => agent === 'nmap-xml')?.bytes as Buffer;
const header = Buffer.alloc(512);
header.write('report.xml');
header.write('ustar', 257);

const archives = [
  ['a zip archive', Buffer.concat([Buffer.from('PK\u0003\u0004'), report])],
  ['a tar archive', Buffer.concat([header, report])],
  ['packed with xz', Buffer.concat([Buffer.from('fd377a585a00', 'hex'), report])],
  ['packed with zstd', Buffer.concat([Buffer.from('28b52ffd', 'hex'), report])],
  ['packed with bzip2', Buffer.concat([Buffer.from('BZh91AY&SY'), report])],
] as const;

test.each(archives)('%s is refused, whatever it holds, with what to do', async (name, bytes) => {
  for (const options of [{}, { format: 'nmap-xml' }]) {
    const reading = readBytes(bytes, bytes.length, options);
    await expect(reading).rejects.toMatchObject({ name: 'ReportRefused', code: 'NOT_A_REPORT' });
    await expect(reading).rejects.toThrow(new RegExp(`it is ${name}\\. Unpack it .*push`));
  }
  await expect(readBytes(gzipSync(bytes))).rejects.toThrow(`it is ${name}. Unpack it`);
});
