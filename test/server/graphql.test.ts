import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type RunningServer, startServer } from '../../src/server/http.ts';
import { createLog } from '../../src/server/log.ts';
import { temporaryDirectory } from '../support/temporary.ts';
import { nowhere } from './empty-server.ts';

let server: RunningServer;

beforeAll(async () => {
  const log = createLog({ write: () => true });
  server = await startServer(nowhere, { port: 0, spoolDirectory: temporaryDirectory(), log });
});

afterAll(() => server.close());

const audits = serverAudits({ url: () => `${server.url}/graphql` });

test('there are 61 audits of GraphQL over HTTP', () => {
  expect(audits).toHaveLength(61);
});

test.each(audits.map((audit) => [audit.name, audit] as const))('%s', async (_name, audit) => {
  const result = await audit.fn();
  expect(result.status, 'reason' in result ? result.reason : '').toBe('ok');
});
