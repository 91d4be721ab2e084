import fc from 'fast-check';

/** One change to a report: at a place (as a share of its length), some bytes are dropped and others put there. */
export interface Edit {
  readonly place: number;
  readonly drop: number;
  readonly put: Buffer;
}

/** Pieces that mean something in one of the formats. */
const pieces = [
  ...['{', '}', '[', ']', '"', ':', ',', '\\', '\\u0000', '{"a":', '"ip":"192.0.2.9"', '"port":-1', '1e999'],
  ...['<', '>', '</', '/>', '<!--', '-->', '<![CDATA[', ']]>', '&#0;', '&amp;', "='", '<host>', '</report>'],
  ...['\n', '\r\n', '\t', ' ', '#', '# end', '\0', '\u001b[1m', '\ufeff', '\u00fc', '\ud83d\ude00'],
  ...['192.0.2.9', '2001:db8::9', '::ffff:192.0.2.9', '999.1.1.1', '010.0.0.1', '65536', '-1', '0', '/tcp'],
  ...['open', 'closed', '__proto__', 'constructor', 'Host: ', 'Nmap scan report for ', '# Nmap done at '],
];

const put = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...pieces).map((piece) => Buffer.from(piece)) },
  { weight: 1, arbitrary: fc.uint8Array({ maxLength: 6 }).map((bytes) => Buffer.from(bytes)) },
  { weight: 1, arbitrary: fc.constant(Buffer.alloc(0)) },
);

/** One to five changes. */
export const edits: fc.Arbitrary<Edit[]> = fc.array(
  fc.record({
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(20), fc.nat(2000)),
    put,
  }),
  { minLength: 1, maxLength: 5 },
);

/** The report after all changes. */
export function edited(bytes: Buffer, changes: readonly Edit[]): Buffer {
  return changes.reduce((changed, { place, drop, put: piece }) => {
    const at = Math.floor(place * changed.length);
    return Buffer.concat([changed.subarray(0, at), piece, changed.subarray(at + drop)]);
  }, bytes);
}
