import { readdirSync, readFileSync } from 'node:fs';
import { detectInventory, importerNamed } from '../../src/inventory/detect-inventory.ts';
import { type ImportOptions, type InventoryEvent, InventoryRefused } from '../../src/inventory/importer.ts';

/** How a test imports. */
export interface Importing {
  /** Name of the importer; detected where it is not given. */
  readonly format?: string;
  readonly options?: ImportOptions;
  /** Bytes of one chunk. */
  readonly chunk?: number;
}

/** Everything that an inventory says, in its order. */
export async function importAll(
  content: string | Uint8Array,
  how: Importing = {},
): Promise<InventoryEvent[]> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  const importer =
    how.format === undefined ? detectInventory(bytes.subarray(0, 64 << 10)) : importerNamed(how.format);
  const events: InventoryEvent[] = [];
  for await (const event of importer.read(inChunks(bytes, how.chunk ?? bytes.length), how.options ?? {})) {
    events.push(event);
  }
  return events;
}

/** As importAll, or the code of the refusal. */
export async function importOrRefuse(
  content: string | Uint8Array,
  how: Importing = {},
): Promise<InventoryEvent[] | InventoryRefused['code']> {
  try {
    return await importAll(content, how);
  } catch (error) {
    if (error instanceof InventoryRefused) return error.code;
    throw error;
  }
}

/** The bytes in chunks, each in memory of its own that is overwritten once the next is asked for. */
export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += Math.max(1, size)) {
    const chunk = Uint8Array.from(bytes.subarray(at, at + Math.max(1, size)));
    yield chunk;
    chunk.fill(0);
  }
}

/** Statements in one line each: `id selector view ports expect`, with `-` for what is not said. */
export function factsOf(events: readonly InventoryEvent[]): string[] {
  return events.flatMap((event) => {
    if (event.kind !== 'statement') return [];
    const { externalId, selector, view, ports, expect } = event.row;
    return [[externalId, selector, view, ports, expect].map((each) => each ?? '-').join(' ')];
  });
}

/** Why records cannot be read, with where they stand. */
export function problemsOf(events: readonly InventoryEvent[]): string[] {
  return events.flatMap((event) =>
    event.kind === 'problem'
      ? [`${event.place.line ?? event.place.record ?? event.place.name ?? '-'}: ${event.reason}`]
      : [],
  );
}

/** How a document ended. */
export function endOf(events: readonly InventoryEvent[]): Extract<InventoryEvent, { kind: 'end' }>['end'] {
  const last = events.at(-1);
  if (last?.kind !== 'end') throw new Error('the document has no end');
  return last.end;
}

const root = new URL('samples/', import.meta.url).pathname;

/** One of our own samples of inventories. */
export interface InventorySample {
  readonly format: string;
  readonly path: string;
  readonly bytes: Buffer;
  /** What must come of it, written by hand. */
  readonly expected: readonly InventoryEvent[];
}

/** What samples need to be told; nothing for most. */
export const sampleOptions: ImportOptions = { defaultSelector: '192.0.2.99' };

/** All of our own samples of inventories. */
export const inventorySamples: readonly InventorySample[] = readdirSync(root).flatMap((folder) =>
  readdirSync(root + folder)
    .filter((name) => !name.endsWith('.expected.jsonl'))
    .map((name) => ({
      format: folder,
      path: `${folder}/${name}`,
      bytes: readFileSync(`${root}${folder}/${name}`),
      expected: readFileSync(`${root}${folder}/${name}.expected.jsonl`, 'utf8')
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as InventoryEvent),
    })),
);
