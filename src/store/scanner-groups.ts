import { sql } from 'drizzle-orm';
import { BadInput, InUse, NameTaken, NotFound } from '../core/errors.ts';
import type { ScannerGroup } from '../core/model.ts';
import { readWhole, type ScannerGroupInput } from '../core/settings.ts';
import { limits } from '../limits.ts';
import { labelsOf } from './labels.ts';
import { brokenRule } from './refusals.ts';
import type { Session } from './session.ts';

const columns = sql`
  id,
  address_space_id as "addressSpaceId",
  name,
  description,
  agreement_window_seconds as "agreementWindowSeconds"
`;

/** All scanner groups, by id. */
export function allScannerGroups(session: Session): Promise<ScannerGroup[]> {
  return session.rows<ScannerGroup>(sql`
    /* allScannerGroups */
    select ${columns}
    from scanner_group
    order by id
    limit ${limits.smallTableRowsMax}
  `);
}

/** One scanner group. */
export async function findScannerGroup(session: Session, id: number): Promise<ScannerGroup | undefined> {
  const rows = await session.rows<ScannerGroup>(sql`
    /* findScannerGroup */
    select ${columns}
    from scanner_group
    where id = ${id}::bigint
    limit 1
  `);
  return rows[0];
}

/** One scanner group, by its exact name. */
export async function findScannerGroupByName(
  session: Session,
  name: string,
): Promise<ScannerGroup | undefined> {
  const rows = await session.rows<ScannerGroup>(sql`
    /* findScannerGroupByName */
    select ${columns}
    from scanner_group
    where name = ${name}
    limit 1
  `);
  return rows[0];
}

/** Adds a scanner group. Throws BadInput, NameTaken, NotFound. */
export async function createScannerGroup(session: Session, input: ScannerGroupInput): Promise<ScannerGroup> {
  const { name, description, window } = settingsOf(input);
  const rows = await session
    .rows<ScannerGroup>(sql`
      /* createScannerGroup */
      insert into scanner_group (address_space_id, name, description, agreement_window_seconds)
      values (${input.addressSpaceId}, ${name}, coalesce(${description}, ''), coalesce(${window}::integer, 86400))
      on conflict (name) do nothing
      returning ${columns}
    `)
    .catch((error: unknown) => refuse(error, { name, addressSpaceId: input.addressSpaceId }));
  return rows[0] ?? refuseName(name);
}

/** Changes a scanner group. Only one without scanners can move. Throws BadInput, NameTaken, NotFound. */
export async function updateScannerGroup(
  session: Session,
  id: number,
  input: Partial<ScannerGroupInput>,
): Promise<ScannerGroup> {
  const { name, description, window } = settingsOf(input);
  const space = input.addressSpaceId ?? null;
  return session
    .transaction(async (inner) => {
      const rows = await inner.rows<ScannerGroup>(sql`
        /* updateScannerGroup */
        update scanner_group
        set
          address_space_id = coalesce(${space}::integer, address_space_id),
          name = coalesce(${name}, name),
          description = coalesce(${description}, description),
          agreement_window_seconds = coalesce(${window}::integer, agreement_window_seconds)
        where id = ${id}::bigint
          and (
            coalesce(${space}::integer, address_space_id) = address_space_id
            or not exists (select from scanner where group_id = scanner_group.id)
          )
        returning ${columns}
      `);
      return rows[0] ?? refuseMove(await findScannerGroup(inner, id), id);
    })
    .catch((error: unknown) => refuse(error, { name, addressSpaceId: space }));
}

/** Removes a scanner group without scanners. Throws NotFound, InUse. */
export async function removeScannerGroup(session: Session, id: number): Promise<ScannerGroup> {
  const rows = await session
    .rows<ScannerGroup>(sql`
      /* removeScannerGroup */
      delete from scanner_group
      where id = ${id}::bigint
      returning ${columns}
    `)
    .catch((error: unknown) => {
      if (brokenRule(error) !== 'reference') throw error;
      throw new InUse('The scanner group has scanners: move them to another group or remove them first');
    });
  return rows[0] ?? refuseId(id);
}

function settingsOf(input: Partial<ScannerGroupInput>) {
  const field = 'agreementWindowSeconds';
  const window = input[field];
  return {
    ...labelsOf(input),
    window: window === undefined ? null : readWhole(window, field, { min: 1, max: limits.settingSecondsMax }),
  };
}

function refuse(
  error: unknown,
  { name, addressSpaceId }: { name: string | null; addressSpaceId: number | null },
): never {
  const rule = brokenRule(error);
  if (rule === 'unique') refuseName(name);
  if (rule === 'reference') throw new NotFound(`There is no address space ${addressSpaceId}`);
  throw error;
}

function refuseMove(found: ScannerGroup | undefined, id: number): never {
  if (found === undefined) refuseId(id);
  throw new BadInput(
    `The scanner group "${found.name}" has scanners, so it stays in its address space: make another group there`,
    'addressSpace',
  );
}

function refuseName(name: string | null): never {
  throw new NameTaken(`There is a scanner group named "${name}" already: choose another name`);
}

function refuseId(id: number): never {
  throw new NotFound(`There is no scanner group ${id}`);
}
