import { beforeAll, describe, expect, test } from 'vitest';
import { BadInput, InUse, NameTaken, NotFound } from '../../src/core/errors.ts';
import type { ScannerInput } from '../../src/core/settings.ts';
import { firstDay, type LaboratoryApplication, openLaboratory } from '../pipeline/laboratory.ts';
import { eachDatabase } from '../support/databases.ts';

eachDatabase(({ database }) => {
  let application: LaboratoryApplication;
  let take: ReturnType<typeof openLaboratory>['take'];

  beforeAll(() => {
    const laboratory = openLaboratory(database());
    application = laboratory.application;
    take = laboratory.take;
    return laboratory.close;
  });

  test('a new database has a default address space and scanner group', async () => {
    const [space] = await application.addressSpaces.all();
    const [group] = await application.scannerGroups.all();
    expect([space?.name, group?.name, group?.addressSpaceId]).toEqual(['default', 'default', space?.id]);
  });

  describe('a scanner', () => {
    test('has defaults where nothing is said', async () => {
      const { id, createdAt, ...rest } = await application.scanners.create({ name: '  inside ', groupId: 1 });
      expect(rest).toEqual({
        groupId: 1,
        addressSpaceId: 1,
        name: 'inside',
        description: '',
        thresholds: {
          openAfterScans: 1,
          closedAfterScans: 1,
          goneAfterScans: 1,
          backAfterScans: 1,
          reopenWindowDays: 90,
        },
        guardShare: 0.5,
        bogusPorts: 1000,
      });
      expect(Math.abs(createdAt - Date.now())).toBeLessThan(60_000);
      expect(await application.scanners.find(id)).toEqual({ id, createdAt, ...rest });
      expect(await application.scanners.findByName('inside')).toEqual({ id, createdAt, ...rest });
    });

    test('keeps what an update leaves out, and loses a default that is null', async () => {
      const input: ScannerInput = {
        name: 'edited',
        groupId: 1,
        defaultAddresses: ['10.0.0.7/24', '2001:DB8::1'],
        defaultPorts: '443,80',
        expectEverySeconds: 3600,
        guardShare: 0.3,
      };
      const created = await application.scanners.create(input);
      expect(created.defaultAddresses).toEqual(['10.0.0.0/24', '2001:db8::1']);
      expect(created.defaultPorts).toBe('80,443/tcp');
      const thresholds = { closedAfterScans: 3 };
      const changed = await application.scanners.update(created.id, { thresholds, defaultPorts: null });
      const { defaultPorts: _, ...kept } = created;
      expect(changed).toEqual({ ...kept, thresholds: { ...created.thresholds, ...thresholds } });
    });

    test.each<[string, Partial<ScannerInput>, string, RegExp]>([
      ['an empty name', { name: '  ' }, 'name', /1 to 100/],
      ['a long name', { name: 'x'.repeat(101) }, 'name', /1 to 100/],
      ['a name with a control character', { name: 'a\u0007b' }, 'name', /control character/],
      ['a name that turns the direction of a line', { name: 'a\u202eb' }, 'name', /control character/],
      ['a threshold of 0', { thresholds: { openAfterScans: 0 } }, 'openAfterScans', /from 1 to 100/],
      ['a threshold of 101', { thresholds: { goneAfterScans: 101 } }, 'goneAfterScans', /from 1 to 100/],
      ['a broken threshold', { thresholds: { backAfterScans: 1.5 } }, 'backAfterScans', /whole number/],
      ['an address that is none', { defaultAddresses: ['10.0.0.256'] }, 'defaultAddresses', /10\.0\.0\.256/],
      ['no address at all', { defaultAddresses: [] }, 'defaultAddresses', /null/],
      ['a port that is none', { defaultPorts: '99999' }, 'defaultPorts', /65535/],
      ['a share beyond the whole', { guardShare: 1.1 }, 'guardShare', /0 to 1/],
      ['a share that is no number', { guardShare: Number.NaN }, 'guardShare', /0 to 1/],
      ['no time between scans', { expectEverySeconds: 0 }, 'expectEverySeconds', /whole number/],
    ])('with %s is bad input that says where and how to do better', async (_name, input, field, message) => {
      const answer = application.scanners.create({ name: 'fine', groupId: 1, ...input });
      await expect(answer).rejects.toThrow(BadInput);
      await expect(answer).rejects.toMatchObject({ field, message: expect.stringMatching(message) });
      expect(await application.scanners.findByName('fine')).toBeUndefined();
    });

    test('with a name that is taken is refused, also when two come at once', async () => {
      const input = { name: 'twin', groupId: 1 };
      const answers = await Promise.allSettled([1, 2, 3].map(() => application.scanners.create(input)));
      expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
      const reasons = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason] : []));
      for (const reason of reasons) expect(reason).toBeInstanceOf(NameTaken);
      const other = await application.scanners.create({ name: 'other', groupId: 1 });
      await expect(application.scanners.update(other.id, { name: 'twin' })).rejects.toThrow(NameTaken);
    });

    test('of a group that does not exist is not found', async () => {
      await expect(application.scanners.create({ name: 'lost', groupId: 999 })).rejects.toThrow(NotFound);
      await expect(application.scanners.update(999, {})).rejects.toThrow(NotFound);
      await expect(application.scanners.remove(999)).rejects.toThrow(NotFound);
      expect(await application.scanners.find(2 ** 40)).toBeUndefined();
    });

    test('with scans is in use, stays in its address space, and may change its group there', async () => {
      const space = await application.addressSpaces.create({ name: 'elsewhere' });
      const far = await application.scannerGroups.create({ name: 'far', addressSpaceId: space.id });
      const near = await application.scannerGroups.create({ name: 'near', addressSpaceId: 1 });
      const { id } = await application.scanners.create({ name: 'moving', groupId: far.id });
      expect((await application.scanners.update(id, { groupId: 1 })).addressSpaceId).toBe(1);
      await take({ scannerId: id, at: firstDay, hosts: [{ address: '10.0.0.1', ports: { 22: 'open' } }] });
      expect((await application.scanners.update(id, { groupId: near.id })).groupId).toBe(near.id);
      await expect(application.scanners.update(id, { groupId: far.id })).rejects.toThrow(BadInput);
      await expect(application.scanners.remove(id)).rejects.toThrow(InUse);
      await expect(application.scannerGroups.remove(near.id)).rejects.toThrow(InUse);
      await expect(application.addressSpaces.remove(space.id)).rejects.toThrow(InUse);
    });

    test('without scans can be removed, and then its group and its address space', async () => {
      const space = await application.addressSpaces.create({ name: 'short' });
      const group = await application.scannerGroups.create({ name: 'short', addressSpaceId: space.id });
      const scanner = await application.scanners.create({ name: 'short', groupId: group.id });
      expect(await application.scanners.remove(scanner.id)).toEqual(scanner);
      expect(await application.scannerGroups.remove(group.id)).toEqual(group);
      expect(await application.addressSpaces.remove(space.id)).toEqual(space);
      await expect(application.addressSpaces.remove(space.id)).rejects.toThrow(NotFound);
    });
  });

  test('a scanner group with scanners stays in its address space', async () => {
    const space = await application.addressSpaces.create({ name: 'third' });
    const group = await application.scannerGroups.create({ name: 'g', addressSpaceId: 1 });
    const moved = await application.scannerGroups.update(group.id, { addressSpaceId: space.id });
    expect(moved.addressSpaceId).toBe(space.id);
    await application.scanners.create({ name: 'anchor', groupId: group.id });
    const answer = application.scannerGroups.update(group.id, { addressSpaceId: 1 });
    await expect(answer).rejects.toThrow(BadInput);
    const described = { description: 'two\nlines', agreementWindowSeconds: 60 };
    expect(await application.scannerGroups.update(group.id, described)).toMatchObject(described);
    const window = { agreementWindowSeconds: 0 };
    await expect(application.scannerGroups.update(group.id, window)).rejects.toThrow(BadInput);
    await expect(application.scannerGroups.update(group.id, { name: 'default' })).rejects.toThrow(NameTaken);
    await expect(application.scannerGroups.update(999, {})).rejects.toThrow(NotFound);
    await expect(application.addressSpaces.update(space.id, { name: 'default' })).rejects.toThrow(NameTaken);
  });
});
