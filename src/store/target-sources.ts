import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { formatAddressSet, readAddressSet } from '../core/address-set.ts';
import { BadInput, InUse, NameTaken, NotFound } from '../core/errors.ts';
import type { Instant } from '../core/observation.ts';
import { readShare, readWhole } from '../core/settings.ts';
import type { TargetSource, TargetSourceInput } from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { labelsOf } from './labels.ts';
import { brokenRule } from './refusals.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

const columns = sql`
  id,
  address_space_id as "addressSpaceId",
  name,
  description,
  priority,
  networks,
  delete_share as "deleteShare",
  revision,
  external_revision as "externalRevision",
  created_at::text as "createdAt",
  imported_at::text as "importedAt"
`;

interface SourceRow extends Omit<TargetSource, 'networks' | 'externalRevision' | 'createdAt' | 'importedAt'> {
  readonly networks: readonly string[] | null;
  readonly externalRevision: string | null;
  readonly createdAt: string;
  readonly importedAt: string | null;
}

function toSource({ networks, externalRevision, createdAt, importedAt, ...row }: SourceRow): TargetSource {
  return {
    ...row,
    deleteShare: Number(Number(row.deleteShare).toFixed(4)),
    createdAt: parseInstant(createdAt),
    ...(networks === null ? {} : { networks }),
    ...(externalRevision === null ? {} : { externalRevision }),
    ...(importedAt === null ? {} : { importedAt: parseInstant(importedAt) }),
  };
}

/** All target sources, by id. */
export async function allTargetSources(session: Session): Promise<TargetSource[]> {
  const rows = await session.rows<SourceRow>(sql`
    /* allTargetSources */
    select ${columns} from target_source order by id limit ${limits.smallTableRowsMax}
  `);
  return rows.map(toSource);
}

/** One target source. */
export async function findTargetSource(session: Session, id: number): Promise<TargetSource | undefined> {
  const [row] = await session.rows<SourceRow>(sql`
    /* findTargetSource */
    select ${columns} from target_source where id = ${id}::bigint limit 1
  `);
  return row === undefined ? undefined : toSource(row);
}

/** One target source, by its exact name. */
export async function findTargetSourceByName(
  session: Session,
  name: string,
): Promise<TargetSource | undefined> {
  const [row] = await session.rows<SourceRow>(sql`
    /* findTargetSourceByName */
    select ${columns} from target_source where name = ${name} limit 1
  `);
  return row === undefined ? undefined : toSource(row);
}

/** The source, once nobody else imports for it. Throws NotFound. */
export async function lockTargetSource(session: Session, id: number): Promise<TargetSource> {
  const [row] = await session.rows<SourceRow>(sql`
    /* lockTargetSource */
    select ${columns} from target_source where id = ${id}::bigint for update
  `);
  return row === undefined ? refuseId(id) : toSource(row);
}

/** Adds a target source. Throws BadInput, NameTaken, NotFound. */
export async function createTargetSource(
  session: Session,
  input: TargetSourceInput,
  now: Instant,
): Promise<TargetSource> {
  const { name, description, priority, networks, share } = settingsOf(input);
  const rows = await session
    .rows<SourceRow>(sql`
      /* createTargetSource */
      insert into target_source
        (address_space_id, name, description, priority, networks, delete_share, created_at)
      values (
        ${input.addressSpaceId}, ${name}, coalesce(${description}, ''), coalesce(${priority}::integer, 0),
        ${networks === undefined || networks === null ? sql`null` : list(networks, 'text')},
        coalesce(${share}::real, 0.3), ${instantText(now)}::text::timestamptz
      )
      on conflict (name) do nothing
      returning ${columns}
    `)
    .catch((error: unknown) => refuse(error, input.addressSpaceId));
  const [row] = rows;
  return row === undefined ? refuseName(name) : toSource(row);
}

/** Changes a target source; it stays in its address space. Throws BadInput, NameTaken, NotFound. */
export async function updateTargetSource(
  session: Session,
  known: TargetSource,
  input: Partial<TargetSourceInput>,
): Promise<TargetSource> {
  if (input.addressSpaceId !== undefined && input.addressSpaceId !== known.addressSpaceId) {
    throw new BadInput(
      `The target source "${known.name}" stays in its address space: make another source there`,
      'addressSpace',
    );
  }
  const { name, description, priority, networks, share } = settingsOf(input);
  const [row] = await session
    .rows<SourceRow>(sql`
      /* updateTargetSource */
      update target_source
      set
        name = coalesce(${name}, name),
        description = coalesce(${description}, description),
        priority = coalesce(${priority}::integer, priority),
        networks = ${networks === undefined ? sql`networks` : networks === null ? sql`null` : list(networks, 'text')},
        delete_share = coalesce(${share}::real, delete_share)
      where id = ${known.id}
      returning ${columns}
    `)
    .catch((error: unknown) => (brokenRule(error) === 'unique' ? refuseName(name) : Promise.reject(error)));
  return row === undefined ? refuseId(known.id) : toSource(row);
}

/** Removes a source that never declared anything. Throws NotFound, InUse. */
export async function removeTargetSource(session: Session, id: number): Promise<TargetSource> {
  const rows = await session
    .rows<SourceRow>(sql`
      /* removeTargetSource */
      delete from target_source where id = ${id}::bigint returning ${columns}
    `)
    .catch((error: unknown) => {
      if (brokenRule(error) !== 'reference') throw error;
      throw new InUse(
        'The target source has a history, and is kept with it. To let it declare nothing, import an empty snapshot with the brake "empty_snapshot" let go',
      );
    });
  const [row] = rows;
  return row === undefined ? refuseId(id) : toSource(row);
}

/** An import as its source remembers it. */
export interface NotedImport {
  readonly revision: number;
  readonly externalRevision: string | undefined;
  readonly at: Instant;
  /** Names what was asked for, where all of it stands now; undefined where some of it was left out. */
  readonly hash: string | undefined;
  readonly count: number;
}

/** How many statements an import named that asked for the same, where nothing of the source changed since. */
export async function findSameImport(
  session: Session,
  id: number,
  hash: string,
): Promise<number | undefined> {
  const [row] = await session.rows<{ count: number }>(sql`
    /* findSameImport */
    select imported_count as count
    from target_source
    where id = ${id} and imported_hash = ${hash} and imported_revision = revision
    limit 1
  `);
  return row === undefined ? undefined : Number(row.count);
}

/** Notes that the source asked for the same again. */
export async function noteSameImport(session: Session, id: number, at: Instant): Promise<void> {
  await session.rows(sql`
    /* noteSameImport */
    update target_source set imported_at = ${instantText(at)}::text::timestamptz where id = ${id}
  `);
}

/** Counts an import. */
export async function noteImport(
  session: Session,
  id: number,
  { revision, externalRevision, at, hash, count }: NotedImport,
): Promise<void> {
  await session.rows(sql`
    /* noteImport */
    update target_source
    set
      revision = ${revision},
      external_revision = coalesce(${externalRevision ?? null}, external_revision),
      imported_at = ${instantText(at)}::text::timestamptz,
      imported_hash = ${hash ?? null},
      imported_revision = ${revision},
      imported_count = ${count}
    where id = ${id}
  `);
}

function settingsOf(input: Partial<TargetSourceInput>) {
  const { priority, deleteShare, networks } = input;
  return {
    ...labelsOf(input),
    priority: priority === undefined ? null : readWhole(priority, 'priority', { min: 0, max: 1_000_000 }),
    share: deleteShare === undefined ? null : readShare(deleteShare, 'deleteShare'),
    networks: networks === undefined || networks === null ? networks : readNetworks(networks),
  };
}

function readNetworks(texts: readonly string[]): string[] {
  const reading = readAddressSet(texts);
  if (!reading.ok) {
    const said = `"networks" has "${reading.text.slice(0, 80)}": ${reading.reason}`;
    throw new BadInput(`${said}; write 192.0.2.0/24 or 2001:db8::/64`, 'networks');
  }
  if (reading.addresses.length > 0) return formatAddressSet(reading.addresses);
  throw new BadInput(
    '"networks" is empty: name at least one, or null for the whole address space',
    'networks',
  );
}

function refuse(error: unknown, addressSpaceId: number): never {
  if (brokenRule(error) === 'reference') throw new NotFound(`There is no address space ${addressSpaceId}`);
  throw error;
}

function refuseName(name: string | null): never {
  throw new NameTaken(`There is a target source named "${name}" already: choose another name`);
}

function refuseId(id: number): never {
  throw new NotFound(`There is no target source ${id}`);
}
