import { sql } from 'drizzle-orm';
import { InUse, NameTaken, NotFound } from '../core/errors.ts';
import type { AddressSpace } from '../core/model.ts';
import type { AddressSpaceInput } from '../core/settings.ts';
import { limits } from '../limits.ts';
import { labelsOf } from './labels.ts';
import { brokenRule } from './refusals.ts';
import type { Session } from './session.ts';

/** All address spaces, by id. */
export function allAddressSpaces(session: Session): Promise<AddressSpace[]> {
  return session.rows<AddressSpace>(sql`
    /* allAddressSpaces */
    select id, name, description
    from address_space
    order by id
    limit ${limits.smallTableRowsMax}
  `);
}

/** One address space. */
export async function findAddressSpace(session: Session, id: number): Promise<AddressSpace | undefined> {
  const rows = await session.rows<AddressSpace>(sql`
    /* findAddressSpace */
    select id, name, description
    from address_space
    where id = ${id}::bigint
    limit 1
  `);
  return rows[0];
}

/** One address space, by its exact name. */
export async function findAddressSpaceByName(
  session: Session,
  name: string,
): Promise<AddressSpace | undefined> {
  const rows = await session.rows<AddressSpace>(sql`
    /* findAddressSpaceByName */
    select id, name, description
    from address_space
    where name = ${name}
    limit 1
  `);
  return rows[0];
}

/** Adds an address space. Throws BadInput, NameTaken. */
export async function createAddressSpace(session: Session, input: AddressSpaceInput): Promise<AddressSpace> {
  const { name, description } = labelsOf(input);
  const rows = await session.rows<AddressSpace>(sql`
    /* createAddressSpace */
    insert into address_space (name, description)
    values (${name}, coalesce(${description}, ''))
    on conflict (name) do nothing
    returning id, name, description
  `);
  return rows[0] ?? refuseName(name);
}

/** Changes an address space. Throws BadInput, NameTaken, NotFound. */
export async function updateAddressSpace(
  session: Session,
  id: number,
  input: Partial<AddressSpaceInput>,
): Promise<AddressSpace> {
  const { name, description } = labelsOf(input);
  const rows = await session
    .rows<AddressSpace>(sql`
      /* updateAddressSpace */
      update address_space
      set name = coalesce(${name}, name), description = coalesce(${description}, description)
      where id = ${id}::bigint
      returning id, name, description
    `)
    .catch((error: unknown) => {
      if (brokenRule(error) === 'unique') refuseName(name);
      throw error;
    });
  return rows[0] ?? refuseId(id);
}

/** Removes an address space that nothing refers to. Throws NotFound, InUse. */
export async function removeAddressSpace(session: Session, id: number): Promise<AddressSpace> {
  const rows = await session
    .rows<AddressSpace>(sql`
      /* removeAddressSpace */
      delete from address_space
      where id = ${id}::bigint
      returning id, name, description
    `)
    .catch((error: unknown) => {
      if (brokenRule(error) !== 'reference') throw error;
      throw new InUse('The address space has scanner groups or scans: remove its scanner groups first');
    });
  return rows[0] ?? refuseId(id);
}

function refuseName(name: string | null): never {
  throw new NameTaken(`There is an address space named "${name}" already: choose another name`);
}

function refuseId(id: number): never {
  throw new NotFound(`There is no address space ${id}`);
}
