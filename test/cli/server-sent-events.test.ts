import { fc, test as propertyTest } from '@fast-check/vitest';
import { expect, test } from 'vitest';
import { readServerSentEvents } from '../../src/cli/server-sent-events.ts';

async function read(chunks: readonly Uint8Array[]) {
  async function* body() {
    yield* chunks;
  }
  const events = [];
  for await (const event of readServerSentEvents(body())) events.push(event);
  return events;
}

const stream =
  ': hello\n\nevent: next\ndata: {"ä":1}\n\nevent: next\r\ndata: a\r\ndata: b\r\n\r\nevent: complete\n\n';
const events = [
  { event: 'next', data: '{"ä":1}' },
  { event: 'next', data: 'a\nb' },
  { event: 'complete', data: '' },
];

test('events have a name and their lines of data; comments are skipped', async () => {
  expect(await read([Buffer.from(stream)])).toEqual(events);
});

propertyTest.prop([fc.array(fc.nat(stream.length), { maxLength: 8 })])(
  'it does not matter where the network cuts the stream',
  async (cuts) => {
    const bytes = Buffer.from(stream);
    const places = [0, ...cuts.sort((a, b) => a - b), bytes.length];
    const chunks = places.slice(1).map((end, index) => bytes.subarray(places[index], end));
    expect(await read(chunks)).toEqual(events);
  },
);
