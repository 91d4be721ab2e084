import { expect, test } from 'vitest';
import { ask, fieldOf } from '../server/ask.ts';
import { eachDatabase } from '../support/databases.ts';
import { seededServer } from './seeded-server.ts';

const scannerFields = `... on Error { __typename message }`;

eachDatabase((place) => {
  const server = seededServer(place);
  const run = async (document: string, input: Record<string, unknown>) => {
    const { data, errors } = await ask(server.url(), document, { input });
    expect(errors).toBeUndefined();
    return Object.values(data ?? {})[0] as Record<string, Record<string, unknown>> & { message?: string };
  };
  const create = `mutation ($input: CreateScannerInput!) { createScanner(input: $input) {
    ${scannerFields} ... on CreateScannerPayload { scanner { id name description defaultPorts defaultAddresses
      expectEverySeconds guardShare thresholds { openAfterScans closedAfterScans } group { name } } } } }`;
  const update = `mutation ($input: UpdateScannerInput!) { updateScanner(input: $input) {
    ${scannerFields} ... on UpdateScannerPayload { scanner { name defaultPorts expectEverySeconds
      thresholds { openAfterScans closedAfterScans } group { name } } } } }`;
  const remove = `mutation ($input: DeleteScannerInput!) { deleteScanner(input: $input) {
    ${scannerFields} ... on DeleteScannerPayload { scanner { name } } } }`;

  test('a scanner is created, changed and removed', async () => {
    const { scanner } = await run(create, {
      name: 'dmz-1',
      group: { name: 'inside' },
      description: 'In the rack',
      defaultPorts: '22,80-90/tcp',
      defaultAddresses: ['10.1.0.0/16'],
      expectEverySeconds: 3600,
      thresholds: { closedAfterScans: 3 },
    });
    expect(scanner).toMatchObject({
      name: 'dmz-1',
      description: 'In the rack',
      defaultPorts: '22,80-90/tcp',
      defaultAddresses: ['10.1.0.0/16'],
      expectEverySeconds: 3600,
      thresholds: { openAfterScans: 1, closedAfterScans: 3 },
      group: { name: 'inside' },
    });

    const id = scanner?.['id'];
    const changed = await run(update, {
      id,
      name: 'dmz-2',
      group: { name: 'outside' },
      defaultPorts: null,
      thresholds: { openAfterScans: 2 },
    });
    expect(changed['scanner']).toEqual({
      name: 'dmz-2',
      defaultPorts: null,
      expectEverySeconds: 3600,
      thresholds: { openAfterScans: 2, closedAfterScans: 3 },
      group: { name: 'outside' },
    });

    expect((await run(remove, { id }))['scanner']).toEqual({ name: 'dmz-2' });
    expect(await run(remove, { id })).toMatchObject({ __typename: 'NotFound' });
  });

  test.each([
    ['a name that is taken', { name: 'inside-1', group: { name: 'inside' } }, 'NameTaken'],
    ['a group that does not exist', { name: 'x', group: { name: 'nobody' } }, 'NotFound'],
    ['an id that is none', { name: 'x', group: { id: 'nonsense' } }, 'BadInput'],
    ['an empty name', { name: '', group: { name: 'inside' } }, 'BadInput'],
    [
      'a threshold of nothing',
      { name: 'x', group: { name: 'inside' }, thresholds: { openAfterScans: 0 } },
      'BadInput',
    ],
  ])('%s is a named mistake', async (_name, input, type) => {
    const outcome = await run(create, input);
    expect(outcome).toMatchObject({ __typename: type });
    expect(outcome.message).not.toBe('');
  });

  test('a scanner with scans, a group with scanners and a space with groups stay', async () => {
    const found = await ask(
      server.url(),
      '{ scanner(by: { name: "inside-1" }) { id group { id addressSpace { id } } } }',
    );
    const scanner = fieldOf<{ id: string; group: { id: string; addressSpace: { id: string } } }>(
      found,
      'scanner',
    );
    const document = `mutation ($scanner: ID!, $group: ID!, $space: ID!) {
      deleteScanner(input: { id: $scanner }) { __typename }
      deleteScannerGroup(input: { id: $group }) { __typename }
      deleteAddressSpace(input: { id: $space }) { __typename }
    }`;
    const answer = await ask(server.url(), document, {
      scanner: scanner.id,
      group: scanner.group.id,
      space: scanner.group.addressSpace.id,
    });
    expect(answer.data).toEqual({
      deleteScanner: { __typename: 'InUse' },
      deleteScannerGroup: { __typename: 'InUse' },
      deleteAddressSpace: { __typename: 'InUse' },
    });
  });

  test('groups and spaces are created, changed and removed', async () => {
    const document = `mutation {
      createAddressSpace(input: { name: "site" }) { ... on CreateAddressSpacePayload { addressSpace { id } } }
      createScannerGroup(input: { name: "dmz", addressSpace: { name: "site" }, agreementWindowSeconds: 60 }) {
        ... on CreateScannerGroupPayload { scannerGroup { id agreementWindowSeconds addressSpace { name } } } }
    }`;
    const answer = await ask(server.url(), document);
    const { addressSpace: space } = fieldOf<{ addressSpace: { id: string } }>(answer, 'createAddressSpace');
    const { scannerGroup: group } = fieldOf<{ scannerGroup: { id: string } }>(answer, 'createScannerGroup');
    expect(group).toMatchObject({ agreementWindowSeconds: 60, addressSpace: { name: 'site' } });

    const second = await ask(
      server.url(),
      `mutation ($group: ID!, $space: ID!) {
        updateScannerGroup(input: { id: $group, description: "new" }) { ... on UpdateScannerGroupPayload { scannerGroup { name description } } }
        updateAddressSpace(input: { id: $space, name: "site-2" }) { ... on UpdateAddressSpacePayload { addressSpace { name } } }
        deleteScannerGroup(input: { id: $group }) { __typename }
        deleteAddressSpace(input: { id: $space }) { __typename }
      }`,
      { group: group.id, space: space.id },
    );
    expect(second.data).toEqual({
      updateScannerGroup: { scannerGroup: { name: 'dmz', description: 'new' } },
      updateAddressSpace: { addressSpace: { name: 'site-2' } },
      deleteScannerGroup: { __typename: 'DeleteScannerGroupPayload' },
      deleteAddressSpace: { __typename: 'DeleteAddressSpacePayload' },
    });
  });
});
