import { createHash } from 'node:crypto';

/** SHA-256 of a text, hexadecimal. */
export function digestOfText(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
