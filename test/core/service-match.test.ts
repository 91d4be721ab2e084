import { expect, test } from 'vitest';
import type { Service } from '../../src/core/observation.ts';
import { isOtherService } from '../../src/core/service-match.ts';

const probed = (name: string, more: Partial<Service> = {}): Service => ({ name, probed: true, ...more });

test.each([
  ['ssh', probed('ssh')],
  ['SSH', probed('ssh')],
  ['https', probed('http', { tunnel: 'ssl' })],
  ['ssl/http', probed('http', { tunnel: 'ssl' })],
  ['http', probed('http', { tunnel: 'ssl' })],
  ['imaps', probed('imap', { tunnel: 'ssl' })],
  ['nginx', probed('http', { product: 'nginx' })],
  ['apache', probed('http', { product: 'Apache httpd' })],
  ['rdp', probed('ms-wbt-server')],
  ['smb', probed('microsoft-ds')],
])('%s is what was found as %o', (declared, found) => {
  expect(isOtherService(declared, [found])).toBe(false);
});

test.each([
  ['https', probed('ssh')],
  ['https', probed('http')],
  ['ssh', probed('http', { product: 'OpenSSHd-like' })],
  ['postgres', probed('mysql', { product: 'MySQL' })],
])('%s is not what was found as %o', (declared, found) => {
  expect(isOtherService(declared, [found])).toBe(true);
});

test.each([
  ['a name from a table', { name: 'http', probed: false }],
  ['a probe without an answer', { probed: true }],
  ['tcpwrapped', probed('tcpwrapped')],
  ['unknown', probed('unknown')],
])('%s says nothing', (_name, found) => {
  expect(isOtherService('ssh', [found])).toBe(false);
});

test('one scanner that finds what was declared is enough', () => {
  expect(isOtherService('ssh', [probed('http'), probed('ssh')])).toBe(false);
  expect(isOtherService('ssh', [])).toBe(false);
});
