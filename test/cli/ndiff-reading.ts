import { type NdiffRequest, ndiffOutput } from '../../src/cli/diff-ndiff.ts';
import { type NmapDocument, openNmapDocument } from '../../src/input/nmap-document.ts';

/** A whole report, word for word. */
export function readDocument(bytes: Uint8Array, chunkSize = bytes.length): NmapDocument {
  const reader = openNmapDocument();
  for (let at = 0; at < bytes.length; at += Math.max(1, chunkSize))
    reader.write(Buffer.from(bytes.subarray(at, at + chunkSize)));
  return reader.end();
}

/** What `drportscan diff --ndiff` says of two reports. */
export function ndiffOf(
  before: Uint8Array,
  after: Uint8Array,
  request: NdiffRequest,
): { readonly output: string; readonly code: number } {
  const pieces = ndiffOutput(readDocument(before).scan, readDocument(after).scan, request);
  let output = '';
  for (let next = pieces.next(); ; next = pieces.next()) {
    if (next.done === true) return { output, code: next.value };
    output += next.value;
  }
}
