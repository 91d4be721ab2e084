import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { agentNamed } from '../../src/input/detect.ts';
import { type Row, ratioOf, sampleBetween, sampled, secondsOf, tell } from './measure.ts';
import type { World } from './world.ts';

const recordsOfFile = 1_000_000;

/** A line format: how a record is written, and the least that anybody does with a line. */
interface LineFormat {
  readonly agent: string;
  readonly line: (record: Record) => string;
  readonly least: (line: string) => unknown;
}

interface Record {
  readonly address: string;
  readonly port: number;
  readonly at: number;
}

const formats: readonly LineFormat[] = [
  {
    agent: 'masscan-list',
    line: ({ address, port, at }) => `open tcp ${port} ${address} ${at}`,
    least: (line) => line.split(' '),
  },
  {
    agent: 'masscan-json',
    line: ({ address, port, at }) =>
      `{"ip":"${address}","timestamp":"${at}","port":${port},"proto":"tcp","rec_type":"status","data":{"status":"open","reason":"syn-ack","ttl":64}}`,
    least: (line) => JSON.parse(line),
  },
  {
    agent: 'naabu-json',
    line: ({ address, port, at }) =>
      `{"ip":"${address}","timestamp":"${new Date(at * 1000).toISOString()}","port":${port},"protocol":"tcp","tls":false}`,
    least: (line) => JSON.parse(line),
  },
  {
    agent: 'portscan-lines',
    line: ({ address, port, at }) => `${address} ${port} tcp ${at}`,
    least: (line) => line.split(' '),
  },
];

/** Reading 1,000,000 records of a line format, against taking its lines apart and nothing else. */
export async function measureFormats(world: World): Promise<Row[]> {
  const rows: Row[] = [];
  for (const format of formats) {
    tell(`  ${format.agent}`);
    const path = join(world.directory, `${format.agent}.report`);
    await writeReport(path, format);
    const samples = [];
    for (let run = 0; run < world.runs; run += 1) {
      samples.push(
        await sampleBetween(
          () => leastSeconds(path, format),
          () => readSeconds(path, format),
        ),
      );
    }
    const name = `${format.agent}, 1,000,000 records`;
    rows.push({
      group: 'formats',
      name,
      value: ratioOf(samples),
      unit: 'x',
      limit: 2,
      note: sampled(samples),
    });
  }
  return rows;
}

async function writeReport(path: string, { agent, line }: LineFormat): Promise<void> {
  const file = createWriteStream(path);
  if (agent === 'masscan-list') file.write('#masscan\n');
  for (let at = 0; at < recordsOfFile; at += 1000) {
    const lines = Array.from({ length: 1000 }, (_, i) => `${line(recordAt(at + i))}\n`);
    if (!file.write(lines.join(''))) await once(file, 'drain');
  }
  file.end(agent === 'masscan-list' ? '# end\n' : '');
  await once(file, 'finish');
}

/** Sixteen ports each of 62,500 hosts, as they come: in no order. */
function recordAt(index: number): Record {
  const mixed = (index * 7919) % recordsOfFile;
  const host = mixed >> 4;
  return {
    address: `10.${host >> 16}.${(host >> 8) & 255}.${host & 255}`,
    port: 1 + (mixed & 15) * 1000,
    at: 1_795_406_796 + (index >> 10),
  };
}

function leastSeconds(path: string, { least }: LineFormat): Promise<number> {
  return secondsOf(async () => {
    let count = 0;
    for await (const line of createInterface({ input: createReadStream(path) })) {
      if (least(line) !== undefined) count += 1;
    }
    if (count < recordsOfFile) throw new Error(`${path} has only ${count} lines`);
  });
}

function readSeconds(path: string, { agent }: LineFormat): Promise<number> {
  return secondsOf(async () => {
    const reader = agentNamed(agent).open();
    let count = 0;
    for await (const chunk of createReadStream(path, { highWaterMark: 256 << 10 })) {
      for (const { kind } of reader.write(chunk as Buffer)) if (kind === 'host') count += 1;
    }
    for (const { kind } of reader.end()) if (kind === 'host') count += 1;
    if (count !== recordsOfFile) throw new Error(`${agent} read ${count} records`);
  });
}
