import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { addressAt, parseAddress } from '../core/address.ts';
import { addressesOfFilter } from '../core/address-filter.ts';
import { type AddressSet, readRange } from '../core/address-set.ts';
import { assert } from '../core/assert.ts';
import type { Page, PageRequest } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { Selector, Subject } from '../core/target.ts';
import type { StatementFilter, StatementOrigin, StoredStatement } from '../core/target-model.ts';
import { inet, isInside } from './address-conditions.ts';
import { allOf, anyOf, type CursorFormat, directionOf, pageOf, stretchOf } from './page.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** The columns of a statement, with the priority of its source. */
const statementColumns = sql`
  target_statement.id,
  target_statement.source_id as "sourceId",
  target_source.priority,
  target_statement.address_space_id as "addressSpaceId",
  target_statement.external_id as "externalId",
  target_statement.selector_kind as "selectorKind",
  target_statement.network::text as network,
  target_statement.host_group as "hostGroup",
  target_statement.scanner_group_id as "view",
  target_statement.first_port as "firstPort",
  target_statement.last_port as "lastPort",
  target_statement.expect,
  target_statement.service,
  target_statement.owner,
  target_statement.ticket,
  target_statement.description,
  target_statement.valid_from::text as "validFrom",
  target_statement.valid_until::text as "validUntil",
  target_statement.locked,
  target_statement.origin,
  target_statement.since_revision as "sinceRevision",
  target_statement.since::text as since,
  target_statement.until_revision as "untilRevision",
  target_statement.until::text as until
`;

interface StatementRow {
  readonly id: number;
  readonly sourceId: number;
  readonly priority: number;
  readonly addressSpaceId: number;
  readonly externalId: string;
  readonly selectorKind: Selector['kind'];
  readonly network: string | null;
  readonly hostGroup: string | null;
  readonly view: number | null;
  readonly firstPort: number | null;
  readonly lastPort: number | null;
  readonly expect: string;
  readonly service: string | null;
  readonly owner: string | null;
  readonly ticket: string | null;
  readonly description: string | null;
  readonly validFrom: string | null;
  readonly validUntil: string | null;
  readonly locked: boolean;
  readonly origin: StatementOrigin;
  readonly sinceRevision: number;
  readonly since: string;
  readonly untilRevision: number | null;
  readonly until: string | null;
}

function toStatement(row: StatementRow): StoredStatement {
  const { id, sourceId, priority, addressSpaceId, externalId, locked, origin, sinceRevision } = row;
  return {
    id: Number(id),
    sourceId,
    priority,
    addressSpaceId,
    externalId,
    selector: selectorOf(row),
    subject: subjectOf(row),
    locked,
    origin,
    sinceRevision,
    since: parseInstant(row.since),
    ...present('view', row.view),
    ...present('owner', row.owner),
    ...present('ticket', row.ticket),
    ...present('description', row.description),
    ...present('validFrom', timeOf(row.validFrom)),
    ...present('validUntil', timeOf(row.validUntil)),
    ...present('untilRevision', row.untilRevision),
    ...present('until', timeOf(row.until)),
  };
}

function present<Key extends string, Value>(key: Key, value: Value | null): { [K in Key]?: Value } {
  return (value === null ? {} : { [key]: value }) as { [K in Key]?: Value };
}

function timeOf(text: string | null): Instant | null {
  return text === null ? null : parseInstant(text);
}

function selectorOf({ selectorKind, network, hostGroup }: StatementRow): Selector {
  if (selectorKind === 'all') return { kind: 'all' };
  if (selectorKind === 'group') return { kind: 'group', name: hostGroup ?? '' };
  const [first = '', prefix = ''] = (network ?? '').split('/');
  if (selectorKind === 'host') {
    const address = parseAddress(first);
    assert(address !== undefined, 'a stored address can be read');
    return { kind: 'host', address };
  }
  const range = readRange(network ?? '');
  assert(typeof range !== 'string', 'a stored network can be read');
  return { kind: 'cidr', ...range, prefix: Number(prefix) };
}

function subjectOf({ firstPort, lastPort, expect, service }: StatementRow): Subject {
  if (firstPort === null || lastPort === null) {
    return { kind: 'host', expect: expect as Extract<Subject, { kind: 'host' }>['expect'] };
  }
  return {
    kind: 'port',
    first: firstPort,
    last: lastPort,
    expect: expect as Extract<Subject, { kind: 'port' }>['expect'],
    ...present('service', service),
  };
}

/** Which statements are read without pages. */
export interface StandingQuestion {
  readonly addressSpaceId?: number;
  readonly sourceId?: number;
  /** As of this revision of the source; without it those that stand. */
  readonly revision?: number;
  readonly asOf?: Instant;
  /** Only those that came with this revision or a later one. */
  readonly sinceRevision?: number;
}

/** All statements that stand, or stood, by id. */
export async function readStatements(
  session: Session,
  question: StandingQuestion,
): Promise<StoredStatement[]> {
  const { addressSpaceId, sourceId, revision, asOf, sinceRevision } = question;
  const rows = await session.rows<StatementRow>(sql`
    /* readStatements */
    select ${statementColumns}
    from target_statement
    join target_source on target_source.id = target_statement.source_id
    where ${allOf([
      addressSpaceId === undefined ? undefined : sql`target_statement.address_space_id = ${addressSpaceId}`,
      sourceId === undefined ? undefined : sql`target_statement.source_id = ${sourceId}`,
      sinceRevision === undefined ? undefined : sql`target_statement.since_revision >= ${sinceRevision}`,
      standing({ revision, asOf }),
    ])}
    order by target_statement.id
    limit 10000000
  `);
  return rows.map(toStatement);
}

function standing({ revision, asOf }: { revision?: number | undefined; asOf?: Instant | undefined }): SQL {
  if (revision !== undefined) {
    return sql`(
      target_statement.since_revision <= ${revision}
      and (target_statement.until_revision is null or target_statement.until_revision > ${revision})
    )`;
  }
  if (asOf === undefined) return sql`target_statement.until_revision is null`;
  const at = sql`${instantText(asOf)}::text::timestamptz`;
  return sql`(target_statement.since <= ${at} and (target_statement.until is null or target_statement.until > ${at}))`;
}

/** Statements with these ids, also those that no longer stand; in any order. */
export async function findStatements(session: Session, ids: readonly number[]): Promise<StoredStatement[]> {
  if (ids.length === 0) return [];
  const rows = await session.rows<StatementRow>(sql`
    /* findStatements */
    select ${statementColumns}
    from target_statement
    join target_source on target_source.id = target_statement.source_id
    where target_statement.id = any(${list(ids, 'bigint')})
    order by target_statement.id
    limit ${ids.length}
  `);
  return rows.map(toStatement);
}

const cursors: CursorFormat<number> = {
  format: (id) => String(id),
  read: (text) => (/^\d{1,15}$/.test(text) ? Number(text) : undefined),
};

/** Statements by id. Throws BadInput. */
export async function pageOfStatements(
  session: Session,
  filter: StatementFilter,
  request: PageRequest,
): Promise<Page<StoredStatement>> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const rows = await session.rows<StatementRow>(sql`
    /* pageOfStatements */
    select ${statementColumns}
    from target_statement
    join target_source on target_source.id = target_statement.source_id
    where ${allOf([
      conditions(filter),
      after === undefined ? undefined : sql`target_statement.id > ${after}`,
      before === undefined ? undefined : sql`target_statement.id < ${before}`,
    ])}
    order by target_statement.id ${directionOf(backward)}
    limit ${limit}
  `);
  const found = rows.map((row) => ({ place: Number(row.id), node: toStatement(row) }));
  return pageOf(found, request, cursors);
}

/** How many there are. Throws BadInput. */
export async function countStatements(session: Session, filter: StatementFilter): Promise<number> {
  const [row] = await session.rows<{ count: number }>(sql`
    /* countStatements */
    select count(*) as count from target_statement where ${conditions(filter)}
  `);
  return Number(row?.count ?? 0);
}

function conditions(filter: StatementFilter): SQL {
  const { addressSpaceIds, sourceIds, scannerGroupIds, owners, expects, ports, externalId } = filter;
  const { revision, asOf, networks } = filter;
  const addresses = addressesOfFilter(networks === undefined ? {} : { networks });
  return allOf([
    standing({ revision, asOf }),
    addressSpaceIds && sql`target_statement.address_space_id = any(${list(addressSpaceIds, 'integer')})`,
    sourceIds && isOneOf(sql`target_statement.source_id`, sourceIds),
    scannerGroupIds && sql`target_statement.scanner_group_id = any(${list(scannerGroupIds, 'integer')})`,
    owners && sql`coalesce(target_statement.owner, '') = any(${list(owners, 'text')})`,
    expects && sql`target_statement.expect = any(${list(expects, 'text')})`,
    externalId === undefined ? undefined : sql`target_statement.external_id = ${externalId}`,
    addresses && overlaps(addresses),
    ports &&
      sql`exists (
        select
        from unnest(
          ${list(
            ports.map(({ first }) => first),
            'integer',
          )},
          ${list(
            ports.map(({ last }) => last),
            'integer',
          )}
        ) as asked (first, last)
        where target_statement.first_port <= asked.last and asked.first <= target_statement.last_port
      )`,
  ]);
}

/** One is asked for by equality, so that the index gives the order of the page. */
function isOneOf(column: SQL, ids: readonly number[]): SQL {
  const [only, second] = ids;
  if (only !== undefined && second === undefined) return sql`${column} = ${only}`;
  return sql`${column} = any(${list(ids, 'integer')})`;
}

/** The network begins inside one of the asked ranges, or one of them begins inside the network. */
function overlaps(addresses: AddressSet): SQL {
  const network = sql`target_statement.network`;
  const begins = addresses.map(({ first }) => sql`${network} >>= ${inet(addressAt(first))}`);
  const isWithin = isInside(sql`host(${network})::inet`, addresses) ?? sql`true`;
  return sql`(${network} is not null and (${anyOf([isWithin, ...begins])}))`;
}
