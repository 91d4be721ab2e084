import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import type { InputAgent, ReadHints, ReportEvent } from '../input/agent.ts';
import { readReport } from '../input/read-report.ts';

/** The events of one file, with what is learned about its bytes on the way. */
export interface ReportSource {
  readonly events: AsyncIterable<readonly ReportEvent[]>;
  /** SHA-256 of the bytes, hexadecimal. Only after the last event. */
  digest(): string;
  /** How many bytes were read so far. */
  bytes(): number;
  /** Known from the first event on. */
  agent(): InputAgent | undefined;
}

const chunkBytes = 512 << 10;

/** How a file is to be read. */
export interface ReportOptions {
  readonly format?: string | undefined;
  readonly hints?: ReadHints;
}

/** Reads an unpacked report file. Throws ReportRefused, while the events are read. */
export function openReport(path: string, { format, hints }: ReportOptions): ReportSource {
  const hash = createHash('sha256');
  let bytes = 0;
  let agent: InputAgent | undefined;
  async function* counted() {
    for await (const chunk of createReadStream(path, { highWaterMark: chunkBytes })) {
      hash.update(chunk as Buffer);
      bytes += (chunk as Buffer).length;
      yield chunk as Buffer;
    }
  }
  const events = readReport(counted(), {
    ...(format === undefined ? {} : { format }),
    ...(hints === undefined ? {} : { hints }),
    onAgent: (found) => {
      agent = found;
    },
  });
  let digest: string | undefined;
  return {
    events,
    digest: () => {
      digest ??= hash.digest('hex');
      return digest;
    },
    bytes: () => bytes,
    agent: () => agent,
  };
}
