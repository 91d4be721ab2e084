import { sql } from 'drizzle-orm';
import { addressAt } from '../core/address.ts';
import type { Instant } from '../core/observation.ts';
import type { Selector, Statement } from '../core/target.ts';
import type { GroupMember, StatementOrigin } from '../core/target-model.ts';
import type { CopyTarget, Session } from './session.ts';
import { copyLine, instantText, list } from './statement.ts';

/** A statement that is to be written. */
export interface NewStatement extends Omit<Statement, 'id' | 'priority'> {
  readonly addressSpaceId: number;
  readonly externalId: string;
  readonly origin: StatementOrigin;
}

const statementTarget: CopyTarget = {
  table: 'target_statement',
  columns: [
    'source_id',
    'address_space_id',
    'external_id',
    'selector_kind',
    'network',
    'host_group',
    'scanner_group_id',
    'first_port',
    'last_port',
    'expect',
    'service',
    'owner',
    'ticket',
    'description',
    'valid_from',
    'valid_until',
    'locked',
    'origin',
    'since_revision',
    'since',
  ],
};

/** Adds statements that stand from a revision on. */
export async function insertStatements(
  session: Session,
  statements: readonly NewStatement[],
  from: { readonly revision: number; readonly at: Instant },
): Promise<void> {
  for (let start = 0; start < statements.length; start += 10_000) {
    const lines = statements.slice(start, start + 10_000).map((one) => statementLine(one, from));
    await session.copy(statementTarget, lines.join(''));
  }
}

function statementLine(
  one: NewStatement,
  { revision, at }: { readonly revision: number; readonly at: Instant },
): string {
  const { subject } = one;
  const fields = [
    one.sourceId,
    one.addressSpaceId,
    one.externalId,
    one.selector.kind,
    networkText(one.selector),
    one.selector.kind === 'group' ? one.selector.name : null,
    one.view ?? null,
    subject.kind === 'port' ? subject.first : null,
    subject.kind === 'port' ? subject.last : null,
    subject.expect,
    subject.kind === 'port' ? (subject.service ?? null) : null,
    one.owner ?? null,
    one.ticket ?? null,
    one.description ?? null,
    one.validFrom === undefined ? null : instantText(one.validFrom),
    one.validUntil === undefined ? null : instantText(one.validUntil),
    one.locked,
    one.origin,
    revision,
    instantText(at),
  ];
  return copyLine(fields);
}

/** The network of a selector, for `cidr`. */
function networkText(selector: Selector): string | null {
  if (selector.kind === 'host') return selector.address;
  return selector.kind === 'cidr' ? `${addressAt(selector.first)}/${selector.prefix}` : null;
}

/** Ends statements: a revision is the first without them. */
export async function endStatements(
  session: Session,
  ids: readonly number[],
  { revision, at }: { readonly revision: number; readonly at: Instant },
): Promise<void> {
  if (ids.length === 0) return;
  await session.rows(sql`
    /* endStatements */
    update target_statement
    set until_revision = ${revision}, until = ${instantText(at)}::text::timestamptz
    from unnest(${list(ids, 'bigint')}) as ended (id)
    where target_statement.id = ended.id
  `);
}

/** The members that a source declares. */
export function readMembers(
  session: Session,
  place: { readonly sourceId?: number; readonly addressSpaceId?: number },
): Promise<(GroupMember & { readonly sourceId: number })[]> {
  return session.rows(sql`
    /* readMembers */
    select source_id as "sourceId", host_group as "group", host(address) as address
    from host_group_member
    where ${place.sourceId === undefined ? sql`true` : sql`source_id = ${place.sourceId}`}
      and ${place.addressSpaceId === undefined ? sql`true` : sql`address_space_id = ${place.addressSpaceId}`}
    order by host_group, host_group_member.address, source_id
    limit 10000000
  `);
}

/** How many members a source declares. */
export async function countMembers(session: Session, sourceId: number): Promise<number> {
  const [row] = await session.rows<{ count: number }>(sql`
    /* countMembers */
    select count(*) as count from host_group_member where source_id = ${sourceId}
  `);
  return Number(row?.count ?? 0);
}

/** Adds and takes away members that a source declares. */
export async function changeMembers(
  session: Session,
  source: { readonly id: number; readonly addressSpaceId: number },
  { added, removed }: { readonly added: readonly GroupMember[]; readonly removed: readonly GroupMember[] },
): Promise<void> {
  if (removed.length > 0) {
    await session.rows(sql`
      /* removeMembers */
      delete from host_group_member
      using unnest(${groupList(removed)}, ${addressList(removed)}) as gone (host_group, address)
      where source_id = ${source.id}
        and host_group_member.host_group = gone.host_group
        and host_group_member.address = gone.address
    `);
  }
  if (added.length === 0) return;
  await session.rows(sql`
    /* addMembers */
    insert into host_group_member (source_id, address_space_id, host_group, address)
    select ${source.id}, ${source.addressSpaceId}, host_group, address
    from unnest(${groupList(added)}, ${addressList(added)}) as added (host_group, address)
    on conflict do nothing
  `);
}

function groupList(members: readonly GroupMember[]) {
  return list(
    members.map(({ group }) => group),
    'text',
  );
}

function addressList(members: readonly GroupMember[]) {
  return list(
    members.map(({ address }) => address),
    'inet',
  );
}

/** The stamp of an address space's target; undefined where nothing was ever declared there. */
export async function targetStamp(session: Session, addressSpaceId: number): Promise<number | undefined> {
  const [row] = await session.rows<{ stamp: number }>(sql`
    /* targetStamp */
    select stamp from target_stamp where address_space_id = ${addressSpaceId} limit 1
  `);
  return row === undefined ? undefined : Number(row.stamp);
}

/** Waits until nobody else changes the target of an address space. */
export async function lockTarget(session: Session, addressSpaceId: number): Promise<void> {
  await session.rows(sql`
    /* lockTarget */
    select from target_stamp where address_space_id = ${addressSpaceId} for update
  `);
}

/**
 * Says that the target of an address space is another one from now on. Stamps are drawn, not counted: one that was
 * rolled back never comes again for something else.
 */
export async function changeStamp(session: Session, addressSpaceId: number): Promise<void> {
  await session.rows(sql`
    /* changeStamp */
    insert into target_stamp (address_space_id, stamp)
    values (${addressSpaceId}, floor(random() * 9e15)::bigint)
    on conflict (address_space_id) do update set stamp = excluded.stamp
  `);
}
