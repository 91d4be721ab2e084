import { describe, expect, test } from 'vitest';
import { databasePlace, placeOf, withoutPassword } from '../src/config.ts';

const everything = {
  DRPORTSCAN_SERVER: 'http://server',
  DATABASE_URL: 'postgres://database',
  DRPORTSCAN_DATA: '/data',
};

describe('where the data is', () => {
  test.each([
    ['--server before everything else', { server: 'http://named' }, everything, 'server http://named'],
    ['--data before the environment', { data: '/named' }, everything, 'embedded pglite:/named'],
    ['the server of the environment', {}, everything, 'server http://server'],
    ['PostgreSQL', {}, { ...everything, DRPORTSCAN_SERVER: '' }, 'postgres postgres://database'],
    ['a directory of the environment', {}, { DRPORTSCAN_DATA: '/data' }, 'embedded pglite:/data'],
    ['./data', {}, {}, 'embedded pglite:./data'],
  ])('%s', (_name, options, environment, expected) => {
    const { kind, url } = placeOf(options, environment);
    expect(`${kind} ${url}`).toBe(expected);
  });

  test('commands that need the database do not ask a server', () => {
    expect(databasePlace({}, everything).kind).toBe('postgres');
  });

  test('a password is not told', () => {
    expect(withoutPassword('postgres://me:secret@db/x')).toBe('postgres://me:***@db/x');
  });
});
