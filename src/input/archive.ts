import { Buffer } from 'node:buffer';
import { ReportRefused } from './agent.ts';

/** How files begin that hold others, or are packed in a way other than gzip. */
const archives: readonly (readonly [beginning: RegExp, name: string, remedy: string])[] = [
  [/^PK(?:\x03\x04|\x05\x06|\x07\x08)/, 'a zip archive', files('unzip FILE')],
  [/^[\s\S]{257}ustar/, 'a tar archive', files('tar -xf FILE')],
  [/^7z\xbc\xaf\x27\x1c/, 'a 7z archive', files('7z x FILE')],
  [/^Rar!\x1a\x07/, 'a rar archive', files('unrar x FILE')],
  [/^\xfd7zXZ\x00/, 'packed with xz', packed('xz -dc')],
  [/^\x28\xb5\x2f\xfd/, 'packed with zstd', packed('zstd -dc')],
  [/^BZh[1-9](?:1AY&SY|\x17rE8P\x90)/, 'packed with bzip2', packed('bzip2 -dc')],
];

/**
 * Throws ReportRefused NOT_A_REPORT for an archive. What is stored in it unpacked would look like a report, and
 * more than one of them like one with damage.
 */
export function refuseArchive(head: Uint8Array): void {
  const beginning = Buffer.from(head.subarray(0, 512)).toString('latin1');
  const [, name, remedy] = archives.find(([pattern]) => pattern.test(beginning)) ?? [];
  if (name === undefined) return;
  throw new ReportRefused(
    'NOT_A_REPORT',
    `This is no scan report that can be read: it is ${name}. ${remedy}.`,
  );
}

function files(command: string): string {
  return `Unpack it (${command}) and push the files that were in it`;
}

function packed(command: string): string {
  return `Unpack it first: ${command} FILE | drportscan push - …; only gzip is unpacked by itself`;
}
