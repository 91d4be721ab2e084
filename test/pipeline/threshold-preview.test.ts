import { expect, test } from 'vitest';
import { eachDatabase } from '../support/databases.ts';
import { day, firstDay, openLaboratory } from './laboratory.ts';

eachDatabase(({ database }) => {
  test('other thresholds are tried on the history before they are set, and then give what was promised', async () => {
    const { application, take, close } = openLaboratory(database());
    const { id: scannerId } = await application.scanners.create({
      name: 'flapping',
      groupId: 1,
      guardShare: 1,
    });
    for (let scan = 0; scan < 12; scan += 1) {
      const ports = scan % 3 === 1 ? { 22: 'open' } : { 22: 'open', 80: 'open' };
      await take({ scannerId, at: firstDay + scan * day, hosts: [{ address: '10.0.0.1', ports }] });
    }
    const since = firstDay * 1000;
    const preview = await application.decisions.previewThresholds({
      scannerId,
      thresholds: { closedAfterScans: 2 },
      since,
    });
    expect(preview.reported).toMatchObject({ port_closed: 4, port_reopened: 4, host_new: 0 });
    expect(preview.wouldReport).toMatchObject({ port_closed: 0, port_reopened: 0 });
    expect(preview.suggestion.thresholds.closedAfterScans).toBe(2);
    expect(preview.suggestion.reasons).toEqual(['4 times a port was not open for fewer than 2 scans only']);

    await application.scanners.update(scannerId, { thresholds: { closedAfterScans: 2 } });
    const again = await application.decisions.previewThresholds({ scannerId, thresholds: {}, since });
    expect(again.reported).toEqual(preview.wouldReport);
    expect(await application.changes.count({ kinds: ['port_closed'], retractions: true })).toBe(4);

    const before = (firstDay + 6.5 * day) * 1000;
    await application.decisions.prune({ before, scannerIds: [scannerId], dryRun: false });
    const pruned = await application.decisions.previewThresholds({ scannerId, thresholds: {}, since });
    expect(pruned.reported).toEqual(pruned.wouldReport);
    await close();
  });
});
