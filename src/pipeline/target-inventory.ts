import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import type { Address } from '../core/address.ts';
import { positionOf } from '../core/address.ts';
import { type AddressSet, readAddressSet } from '../core/address-set.ts';
import { countPorts, formatPort, parsePortSet } from '../core/endpoint.ts';
import { BadInput, TargetRefused } from '../core/errors.ts';
import { contains } from '../core/intervals.ts';
import { parseSelector } from '../core/selector.ts';
import type { HostExpectation, PortExpectation, Selector, Subject } from '../core/target.ts';
import type { NamedStatement } from '../core/target-difference.ts';
import type { ImportRequest, RejectedRow, TargetSource } from '../core/target-model.ts';
import { ReportRefused } from '../input/agent.ts';
import { unpack } from '../input/gunzip.ts';
import { detectInventory, importerNamed } from '../inventory/detect-inventory.ts';
import {
  type ImportOptions,
  type InventoryEvent,
  type InventoryPlace,
  InventoryRefused,
  type StatementRow,
} from '../inventory/importer.ts';
import { readMappingProfile } from '../inventory/mapping-profile.ts';
import { profiles } from '../inventory/profiles.ts';
import { limits } from '../limits.ts';

/** What an inventory says, with everything looked up that it names. */
export interface ReadInventory {
  readonly format: string;
  readonly statements: readonly NamedStatement[];
  readonly members: readonly { readonly group: string; readonly address: Address }[];
  readonly removals: readonly string[];
  readonly rejected: readonly RejectedRow[];
  /** All of them, also those beyond the listed ones. */
  readonly rejectedCount: number;
  readonly skipped: readonly RejectedRow[];
  readonly skippedCount: number;
  readonly isComplete: boolean;
  readonly truncation?: string;
  readonly isSnapshot: boolean;
  readonly externalRevision?: string;
  /** SHA-256 of the inventory's bytes, unpacked. */
  readonly digest: string;
}

/** For whom an inventory is read. */
export interface InventoryReader {
  readonly source: TargetSource;
  readonly spaceName: string;
  /** Scanner groups of the address space, by name. */
  readonly views: ReadonlyMap<string, number>;
}

/** Reads an inventory, packed or not. Throws TargetRefused, BadInput. */
export async function readInventory(
  request: ImportRequest,
  inventory: AsyncIterable<Uint8Array>,
  reader: InventoryReader,
): Promise<ReadInventory> {
  const options = optionsOf(request);
  const hash = createHash('sha256');
  const unpacking = { isTruncated: false };
  try {
    const bytes = hashed(unpack(inventory, unpacking, { reportBytesMax: limits.inventoryBytesMax }), hash);
    const { head, rest } = await withHead(bytes);
    const importer =
      request.format === undefined ? detectInventory(head, options.profile) : importerNamed(request.format);
    const rows = newRows(request, reader);
    for await (const event of importer.read(rest, options)) {
      rows.take(holdsHalves(event) ? wellFormed(event) : event);
    }
    // A list that is cut between two lines looks whole: only the packing knows.
    const cut = unpacking.isTruncated ? { isComplete: false, truncation: 'its gzip ends in the middle' } : {};
    return { format: importer.name, ...rows.result(), ...cut, digest: hash.digest('hex') };
  } catch (error) {
    if (error instanceof InventoryRefused) throw new TargetRefused(error.code, error.message);
    if (error instanceof ReportRefused) {
      throw new TargetRefused(error.code === 'TOO_LARGE' ? 'TOO_LARGE' : 'CORRUPT', error.message);
    }
    throw error;
  }
}

function holdsHalves(value: unknown): boolean {
  if (typeof value === 'string') return !value.isWellFormed();
  return typeof value === 'object' && value !== null && Object.values(value).some(holdsHalves);
}

/** Halves of characters, which JSON can hold and the database cannot, are replaced: else they differ with every import. */
function wellFormed<Value>(value: Value): Value {
  if (typeof value === 'string') return value.toWellFormed() as Value;
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, wellFormed(inner)]);
  return Object.fromEntries(entries) as Value;
}

async function* hashed(
  source: AsyncIterable<Uint8Array>,
  hash: ReturnType<typeof createHash>,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

/** The beginning of the bytes, for detection, and all of them. */
async function withHead(
  source: AsyncIterable<Uint8Array>,
): Promise<{ head: Uint8Array; rest: AsyncGenerator<Uint8Array> }> {
  const iterator = source[Symbol.asyncIterator]();
  const chunks: Uint8Array[] = [];
  let size = 0;
  while (size < limits.inventoryHeadBytes) {
    const next = await iterator.next();
    if (next.done === true) break;
    chunks.push(Uint8Array.from(next.value));
    size += next.value.length;
  }
  const head = Buffer.concat(chunks);
  async function* all() {
    yield head;
    for (;;) {
      const next = await iterator.next();
      if (next.done === true) return;
      yield next.value;
    }
  }
  return { head: head.subarray(0, limits.inventoryHeadBytes), rest: all() };
}

function optionsOf(request: ImportRequest): ImportOptions {
  const { defaultExpect, defaultView, defaultSelector, portsVariable, reviewBy } = request;
  return {
    ...(request.profile === undefined ? {} : { profile: profileOf(request.profile) }),
    ...(defaultExpect === undefined ? {} : { defaultExpect }),
    ...(defaultView === undefined ? {} : { defaultView }),
    ...(defaultSelector === undefined ? {} : { defaultSelector }),
    ...(portsVariable === undefined ? {} : { portsVariable }),
    ...(reviewBy === undefined ? {} : { reviewBy }),
  };
}

function profileOf(text: string) {
  const shipped = profiles.find(({ name }) => name === text.trim());
  if (shipped !== undefined) return shipped;
  if (!text.trimStart().startsWith('{')) {
    const names = profiles.map(({ name }) => name).join(', ');
    throw new BadInput(
      `There is no mapping profile "${text.slice(0, limits.echoedCharactersMax)}": use one of ${names}, or give the JSON of one`,
      'profile',
    );
  }
  const reading = readMappingProfile(text);
  if (reading.ok) return reading.profile;
  throw new BadInput(
    `The mapping profile cannot be used: ${reading.reasons.slice(0, 5).join(' ')}`,
    'profile',
  );
}

/** A row that cannot be used, for this reason. */
class Unusable extends Error {}

/** A row that says word for word what another one says. */
class SaidBefore extends Unusable {}

/** What another row said under the same name about the same. Throws Unusable. */
function refuseNamed(
  before: { readonly row: StatementRow; readonly place: InventoryPlace } | undefined,
  { row, name }: { row: StatementRow; name: string },
): void {
  if (before === undefined) return;
  if (isDeepStrictEqual(before.row, row))
    throw new SaidBefore(`it says the same as ${placeText(before.place)}`);
  throw new Unusable(`"${name.slice(0, 60)}" is named before, at ${placeText(before.place)}`);
}

function refuseMany(statements: number): void {
  if (statements <= limits.statementsMax) return;
  throw new TargetRefused('TOO_LARGE', `The inventory has more than ${limits.statementsMax} statements.`);
}

function newRows(request: ImportRequest, reader: InventoryReader) {
  const statements: NamedStatement[] = [];
  const members: { group: string; address: Address }[] = [];
  const removals: string[] = [];
  const lists = { rejected: [] as RejectedRow[], skipped: [] as RejectedRow[] };
  const counts = { rejected: 0, skipped: 0 };
  const seen = new Map<string, { readonly row: StatementRow; readonly place: InventoryPlace }>();
  const scope = scopeOf(reader.source);
  let end: Extract<InventoryEvent, { kind: 'end' }>['end'] | undefined;
  const note = (list: 'rejected' | 'skipped', place: InventoryPlace, reason: string) => {
    counts[list] += 1;
    if (lists[list].length < limits.planItemsMax) lists[list].push({ ...place, reason });
  };
  const state = (place: InventoryPlace, row: StatementRow) => {
    try {
      const own = statementsOf(row, { request, reader, scope }); // All of a row is used, or nothing.
      for (const { key, statement } of own) refuseNamed(seen.get(key), { row, name: statement.externalId });
      for (const { key, statement } of own) {
        seen.set(key, { row, place });
        statements.push(statement);
      }
    } catch (error) {
      if (!(error instanceof Unusable)) throw error;
      note(error instanceof SaidBefore ? 'skipped' : 'rejected', place, error.message);
    }
    refuseMany(statements.length);
  };
  return {
    take(event: InventoryEvent) {
      if (event.kind === 'statement') state(event.place, event.row);
      else if (event.kind === 'removal') removals.push(event.externalId);
      else if (event.kind === 'skipped') note('skipped', event.place, event.reason);
      else if (event.kind === 'problem') note('rejected', event.place, event.reason);
      else if (event.kind === 'end') end = event.end;
      else members.push({ group: event.group, address: memberAddress(event, note) });
    },
    result() {
      const known = members.filter(({ address }) => address !== '');
      const { complete = false, reason, isSnapshot = false, externalRevision } = end ?? {};
      return {
        statements,
        members: known,
        removals,
        rejected: lists.rejected,
        rejectedCount: counts.rejected,
        skipped: lists.skipped,
        skippedCount: counts.skipped,
        isComplete: complete,
        ...(reason === undefined ? {} : { truncation: reason }),
        isSnapshot,
        ...(externalRevision === undefined ? {} : { externalRevision }),
      };
    },
  };
}

function memberAddress(
  event: Extract<InventoryEvent, { kind: 'member' }>,
  note: (list: 'rejected', place: InventoryPlace, reason: string) => void,
): Address {
  try {
    const selector = parseSelector(event.address);
    if (selector.kind === 'host') return selector.address;
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  note('rejected', event.place, `"${event.address.slice(0, 60)}" is not the address of a host`);
  return '';
}

function scopeOf({ networks }: TargetSource): AddressSet | undefined {
  if (networks === undefined) return undefined;
  const reading = readAddressSet(networks);
  return reading.ok ? reading.addresses : [];
}

interface RowContext {
  readonly request: ImportRequest;
  readonly reader: InventoryReader;
  readonly scope: AddressSet | undefined;
}

/** One statement for each range of ports of a row. Throws Unusable. */
function statementsOf(
  row: StatementRow,
  context: RowContext,
): { readonly key: string; readonly statement: NamedStatement }[] {
  const selector = selectorOf(row, context);
  const view = viewOf(row, context.reader);
  return subjectsOf(row).map((subject) => {
    const what = subject.kind === 'host' ? 'host' : rangeText(subject);
    const externalId = row.externalId ?? `${row.selector} ${row.view ?? '*'} ${what}`;
    const statement = statementOf(row, { externalId, selector, subject, view, context });
    return { key: `${externalId}\0${what}`, statement };
  });
}

/** Made field by field: an inventory has hundreds of thousands of them. */
function statementOf(
  row: StatementRow,
  {
    externalId,
    selector,
    subject,
    view,
    context: { request, reader },
  }: Pick<NamedStatement, 'externalId' | 'selector' | 'subject'> & {
    view: number | undefined;
    context: RowContext;
  },
): NamedStatement {
  const { owner, ticket, description, validFrom, locked = false } = row;
  const validUntil = row.validUntil ?? (request.mode === 'baseline' ? request.reviewBy : undefined);
  const made: { -readonly [Field in keyof NamedStatement]: NamedStatement[Field] } = {
    sourceId: reader.source.id,
    externalId,
    selector,
    subject,
    locked,
  };
  if (view !== undefined) made.view = view;
  if (owner !== undefined) made.owner = owner;
  if (ticket !== undefined) made.ticket = ticket;
  if (description !== undefined) made.description = description;
  if (validFrom !== undefined) made.validFrom = validFrom;
  if (validUntil !== undefined) made.validUntil = validUntil;
  return made;
}

function rangeText({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? formatPort(first) : `${formatPort(first)}-${formatPort(last)}`;
}

function selectorOf(row: StatementRow, { reader, scope }: RowContext): Selector {
  if (row.addressSpace !== undefined && row.addressSpace !== reader.spaceName) {
    throw new Unusable(
      `it is about the address space "${row.addressSpace.slice(0, 60)}", and the source declares for "${reader.spaceName}": import it into a source of that address space`,
    );
  }
  const selector = parsedSelector(row.selector);
  if (scope !== undefined && !isInScope(selector, scope)) {
    throw new Unusable(`${row.selector} is outside of what the source "${reader.source.name}" may speak of`);
  }
  return selector;
}

function parsedSelector(text: string): Selector {
  try {
    return parseSelector(text);
  } catch (error) {
    if (error instanceof RangeError) throw new Unusable(`"${text.slice(0, 60)}": ${error.message}`);
    throw error;
  }
}

/** Groups and everything are wider than any network. */
export function isInScope(selector: Selector, scope: AddressSet): boolean {
  if (selector.kind === 'host') return contains(scope, positionOf(selector.address));
  if (selector.kind !== 'cidr') return false;
  return scope.some(({ first, last }) => first <= selector.first && selector.last <= last);
}

function viewOf({ view }: StatementRow, { views, spaceName }: InventoryReader): number | undefined {
  if (view === undefined || view === '*') return undefined;
  const id = views.get(view);
  if (id !== undefined) return id;
  const known = [...views.keys()].slice(0, 10).join('", "');
  throw new Unusable(
    `there is no scanner group "${view.slice(0, 60)}" in the address space "${spaceName}": use "${known}", or * for any`,
  );
}

function subjectsOf({ ports, expect, service }: StatementRow): Subject[] {
  if (ports === undefined) {
    return [{ kind: 'host', expect: expect as HostExpectation }];
  }
  const set = parsePortSet(ports);
  const count = countPorts(set);
  if (expect === 'required' && count > limits.requiredPortsMax) {
    throw new Unusable(
      `it says that ${count} ports must be open, and ${limits.requiredPortsMax} are the limit: say "allowed"`,
    );
  }
  return set.map(({ first, last }) => {
    const about = { kind: 'port', first, last, expect: expect as PortExpectation } as const;
    return service === undefined ? about : { ...about, service };
  });
}

/** Where a row stands, in words. */
export function placeText({ line, record, name }: InventoryPlace): string {
  if (line !== undefined) return `line ${line}`;
  return record === undefined ? `"${name ?? 'another record'}"` : `record ${record}`;
}
