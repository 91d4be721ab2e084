import type { Instant } from '../core/observation.ts';
import type { Subject } from '../core/target.ts';

/** A statement as callers of the API write it: the same words as in our own JSON lines. */
export interface NativeStatement {
  readonly externalId?: string | null | undefined;
  readonly selector: string;
  readonly view?: string | null | undefined;
  readonly ports?: string | null | undefined;
  readonly expect?: Subject['expect'] | null | undefined;
  readonly service?: string | null | undefined;
  readonly owner?: string | null | undefined;
  readonly ticket?: string | null | undefined;
  readonly description?: string | null | undefined;
  readonly validFrom?: Instant | null | undefined;
  readonly validUntil?: Instant | null | undefined;
  readonly locked?: boolean | null | undefined;
}

/** An inventory as callers of the API write it. */
export interface NativeRecords {
  readonly statements?: readonly NativeStatement[] | null | undefined;
  readonly members?: readonly { readonly group: string; readonly address: string }[] | null | undefined;
  readonly removals?: readonly string[] | null | undefined;
}

/** The name of the format that `nativeLines` writes. */
export const nativeFormat = 'expectations-jsonl';

/** The inventory in our own JSON lines, so that there is one place that knows what may be said. */
export async function* nativeLines(records: NativeRecords): AsyncGenerator<Uint8Array> {
  const { statements, members, removals } = records;
  const encoder = new TextEncoder();
  for (const { validFrom, validUntil, ...rest } of statements ?? []) {
    const times = { validFrom: timeOf(validFrom), validUntil: timeOf(validUntil) };
    yield encoder.encode(`${JSON.stringify({ ...rest, ...times })}\n`);
  }
  for (const { group, address } of members ?? []) {
    yield encoder.encode(`${JSON.stringify({ group, address })}\n`);
  }
  for (const externalId of removals ?? []) {
    yield encoder.encode(`${JSON.stringify({ externalId, removed: true })}\n`);
  }
}

function timeOf(instant: Instant | null | undefined): string | null {
  return instant == null ? null : new Date(instant).toISOString();
}
