import { describe, expect, test } from 'vitest';
import { loggedFactsOf, nothingLogged, replay } from '../../src/core/replay.ts';
import { unseenHost } from '../../src/core/state.ts';
import { tell } from './story.ts';

describe('the log, played from empty', () => {
  test('says nothing at first', () => {
    expect(replay([])).toEqual(nothingLogged);
    expect(loggedFactsOf(unseenHost)).toEqual(nothingLogged);
  });

  test('says what is up, open, closed and named', () => {
    const facts = replay(tell(['up 22=nginx/1 80 as a', 'up 80 as b']).changes);
    expect(facts).toEqual({
      status: 'up',
      names: ['b'],
      endpoints: new Map([
        [22, { open: false, service: { product: 'nginx', version: '1', probed: true } }],
        [80, { open: true }],
      ]),
    });
  });

  test('keeps the ports of a host that is gone', () => {
    const facts = replay(tell(['up 22', 'down']).changes);
    expect([facts.status, facts.endpoints.get(22)]).toEqual(['gone', { open: true }]);
  });

  test('goes on from where it was', () => {
    const { changes } = tell(['up 22', 'up', 'up 22']);
    expect(replay(changes.slice(2), replay(changes.slice(0, 2)))).toEqual(replay(changes));
  });
});
