import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { seededServer } from './seeded-server.ts';
import { asking, type ImportAnswer, importTarget, planFields, refusal } from './target-world.ts';

const planTargetImport = `mutation ($input: PlanTargetImportInput!) {
  planTargetImport(input: $input) { __typename ... on PlanTargetImportPayload { plan { ${planFields} } } ${refusal} }
}`;
const applyTargetImport = `mutation ($input: ApplyTargetImportInput!) {
  applyTargetImport(input: $input) {
    __typename ... on TargetImport { outcome revision { number actor reason } plan { ${planFields} } } ${refusal}
  }
}`;

const web = { externalId: 'web', selector: '10.0.0.1', ports: '443', view: 'outside', owner: 'webops' };

eachDatabase((place) => {
  const server = seededServer(place);
  const { query, mutate, source, declare } = asking(server);

  test('statements, members and removals of the API are one import, as from a file of our own', async () => {
    await source('native');
    const records = {
      statements: [
        web,
        { selector: 'group:desks', expect: 'PRESENT', validUntil: '2030-01-01T00:00:00Z', locked: true },
      ],
      members: [{ group: 'desks', address: '10.0.0.3' }],
    };
    const answer = await mutate<ImportAnswer>(importTarget, {
      source: { name: 'native' },
      mode: 'SNAPSHOT',
      inventory: { records },
      expectedRevision: 0,
      actor: 'cmdb',
      reason: 'first',
    });
    expect(answer).toMatchObject({
      outcome: 'APPLIED',
      revision: { number: 1, mode: 'SNAPSHOT', actor: 'cmdb', reason: 'first' },
      plan: { format: 'expectations-jsonl', counts: { created: 2, rejected: 0 } },
    });
    expect(
      await query(`{
        targetStatements(filter: { sources: [{ name: "native" }] }) {
          totalCount
          nodes { externalId selector selectorKind view { name } ports expect owner validUntil locked origin
            source { name } sinceRevision untilRevision }
        }
        hostGroups { name members }
      }`),
    ).toEqual({
      targetStatements: {
        totalCount: 2,
        nodes: expect.arrayContaining([
          {
            externalId: 'web',
            selector: '10.0.0.1',
            selectorKind: 'HOST',
            view: { name: 'outside' },
            ports: '443/tcp',
            expect: 'REQUIRED',
            owner: 'webops',
            validUntil: null,
            locked: false,
            origin: 'IMPORT',
            source: { name: 'native' },
            sinceRevision: 1,
            untilRevision: null,
          },
          expect.objectContaining({
            selector: 'group:desks',
            selectorKind: 'GROUP',
            view: null,
            ports: null,
            expect: 'PRESENT',
            validUntil: '2030-01-01T00:00:00.000Z',
            locked: true,
          }),
        ]),
      },
      hostGroups: [{ name: 'desks', members: 1 }],
    });
    const removed = await mutate<ImportAnswer>(importTarget, {
      source: { name: 'native' },
      mode: 'PATCH',
      inventory: { records: { removals: ['web'] } },
    });
    expect(removed).toMatchObject({ outcome: 'APPLIED', plan: { counts: { deleted: 1, created: 0 } } });
  });

  test('a file of a multipart request and a text say the same', async () => {
    await source('files');
    const text = 'external_id,selector,ports,expect\nweb,10.0.0.1,443,required\nssh,10.0.0.1,22,allowed\n';
    const input = { source: { name: 'files' }, mode: 'PATCH', inventory: { file: null } };
    const form = new FormData();
    form.set('operations', JSON.stringify({ query: importTarget, variables: { input } }));
    form.set('map', JSON.stringify({ 0: ['variables.input.inventory.file'] }));
    form.set('0', new Blob([text]), 'cmdb.csv');
    const response = await fetch(`${server.url()}/graphql`, {
      method: 'POST',
      headers: { 'graphql-require-preflight': '1' },
      body: form,
    });
    const { data } = (await response.json()) as { data: { importTarget: ImportAnswer } };
    expect(data.importTarget).toMatchObject({
      outcome: 'APPLIED',
      plan: { format: 'expectations-csv', counts: { created: 2 } },
    });
    const again = { ...input, inventory: { text }, dryRun: true };
    expect(await mutate(importTarget, again)).toMatchObject({
      outcome: 'PLANNED',
      revision: null,
      plan: { counts: { created: 0, updated: 0, deleted: 0, unchanged: 2 } },
    });
  });

  test('a plan says what it would do, and is applied by its hash, once', async () => {
    await source('planned');
    const input = {
      source: { name: 'planned' },
      mode: 'PATCH',
      inventory: {
        records: {
          statements: [
            { externalId: 'rdp', selector: '10.0.0.0/24', ports: '3389', expect: 'FORBIDDEN' },
            { externalId: 'gate', selector: '10.0.0.1', ports: '8443', view: 'inside' },
          ],
        },
      },
    };
    const { plan } = await mutate<Required<ImportAnswer>>(planTargetImport, input);
    expect(plan).toMatchObject({
      counts: { created: 2 },
      items: expect.arrayContaining([
        {
          action: 'CREATE',
          externalId: 'rdp',
          before: null,
          after: { selector: '10.0.0.0/24', view: null, ports: '3389/tcp', expect: 'FORBIDDEN', owner: null },
        },
      ]),
    });
    expect(
      await query('{ targetSource(by: { name: "planned" }) { revision statements { totalCount } } }'),
    ).toEqual({
      targetSource: { revision: 0, statements: { totalCount: 0 } },
    });
    expect(await mutate(applyTargetImport, { hash: plan.hash, actor: 'me' })).toMatchObject({
      outcome: 'APPLIED',
      revision: { number: 1, actor: 'me' },
    });
    expect(await mutate(applyTargetImport, { hash: plan.hash })).toMatchObject({
      __typename: 'TargetRefused',
    });
    expect(await mutate(applyTargetImport, { hash: 'nonsense' })).toMatchObject({
      __typename: 'TargetRefused',
      code: 'UNKNOWN_PLAN',
    });
  });

  test('a plan is stale when somebody else imports in between', async () => {
    await source('raced');
    const plan = await mutate<Required<ImportAnswer>>(planTargetImport, {
      source: { name: 'raced' },
      mode: 'PATCH',
      inventory: { records: { statements: [web] } },
    });
    await declare('raced', [{ ...web, externalId: 'other', selector: '10.0.0.2' }]);
    expect(await mutate(applyTargetImport, { hash: plan.plan.hash })).toMatchObject({ code: 'STALE_PLAN' });
  });

  test('brakes name what they saw, the limit, and how to let them go', async () => {
    await source('braked');
    const wide = [{ externalId: 'all', selector: '10.0.0.0/8', ports: '1-1024', expect: 'ALLOWED' }];
    const refused = await declare('braked', wide);
    expect(refused).toMatchObject({ __typename: 'TargetRefused', code: 'BRAKES' });
    expect(refused.brakes).toMatchObject([{ kind: 'WIDE_ALLOWED' }]);
    expect(refused.brakes?.[0]?.limit).not.toBe('');
    const override = { brakes: ['WIDE_ALLOWED'], reason: 'lab network' };
    expect(await declare('braked', wide, { override })).toMatchObject({
      outcome: 'APPLIED',
      revision: { reason: expect.stringContaining('lab network') },
    });
  });

  test.each<[string, Record<string, unknown>, object]>([
    [
      'a port that is none',
      { inventory: { records: { statements: [{ selector: '10.0.0.1', ports: '70000' }] } } },
      { outcome: 'PLANNED', plan: { counts: { created: 0, rejected: 1 } } },
    ],
    [
      'a view that is not there',
      { inventory: { records: { statements: [{ selector: '10.0.0.1', ports: '22', view: 'moon' }] } } },
      { plan: { rejected: [{ line: 1, reason: expect.stringContaining('moon') }] } },
    ],
    ['a source that is not there', { source: { name: 'nobody' } }, { __typename: 'NotFound' }],
    ['a text that is no inventory', { inventory: { text: 'hello' } }, { code: 'NOT_AN_INVENTORY' }],
    ['a text that is empty', { inventory: { text: '' } }, { code: 'EMPTY' }],
    [
      'a format for records',
      { format: 'netbox-json', inventory: { records: {} } },
      { __typename: 'BadInput', message: expect.stringContaining('format') },
    ],
    [
      'a format that nobody reads',
      { format: 'nonsense', inventory: { text: '{}' } },
      { __typename: 'TargetRefused', code: 'NOT_AN_INVENTORY' },
    ],
    ['a profile that is none', { profile: '{}', inventory: { text: '<a/>' } }, { __typename: 'BadInput' }],
  ])('%s is a named mistake or a listed row', async (what, input, expected) => {
    await source(what);
    const base = { source: { name: what }, mode: 'PATCH', dryRun: true, inventory: { text: 'x' } };
    expect(await mutate(importTarget, { ...base, ...input })).toMatchObject(expected);
    expect(server.failures()).toEqual([]);
  });

  test('a snapshot says which revision it knows, once there is one', async () => {
    await source('snapshots');
    await declare('snapshots', [web]);
    const snapshot = { mode: 'SNAPSHOT' };
    const blind = await declare('snapshots', [web], snapshot);
    expect(blind).toMatchObject({ __typename: 'BadInput', message: expect.stringContaining('revision') });
    const wrong = await declare('snapshots', [web], { ...snapshot, expectedRevision: 0 });
    expect(wrong).toMatchObject({ __typename: 'TargetRefused', code: 'REVISION_MISMATCH' });
    const right = await declare('snapshots', [web], { ...snapshot, expectedRevision: 1 });
    expect(right).toMatchObject({ outcome: 'NO_CHANGES', revision: null });
  });

  test('revisions are listed, compared and read as they were', async () => {
    await source('kept');
    await declare('kept', [web], { actor: 'first' });
    await declare('kept', [{ ...web, owner: 'shop' }], { actor: 'second' });
    const answer = await query(`{
      targetRevisions(source: { name: "kept" }) { nodes { number actor counts { created updated deleted } } }
      compareRevisions(source: { name: "kept" }, from: 1, to: 2) {
        counts { created updated deleted } items { action before { owner } after { owner } }
      }
      before: targetStatements(filter: { sources: [{ name: "kept" }] }, revision: 1) { nodes { owner } }
      now: targetStatements(filter: { sources: [{ name: "kept" }] }) { nodes { owner sinceRevision } }
    }`);
    expect(answer).toEqual({
      targetRevisions: {
        nodes: [
          { number: 2, actor: 'second', counts: { created: 0, updated: 1, deleted: 0 } },
          { number: 1, actor: 'first', counts: { created: 1, updated: 0, deleted: 0 } },
        ],
      },
      compareRevisions: {
        counts: { created: 0, updated: 1, deleted: 0 },
        items: [{ action: 'UPDATE', before: { owner: 'webops' }, after: { owner: 'shop' } }],
      },
      before: { nodes: [{ owner: 'webops' }] },
      now: { nodes: [{ owner: 'shop', sinceRevision: 2 }] },
    });
  });
});
