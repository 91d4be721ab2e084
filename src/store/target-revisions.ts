import { sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import type { Page, PageRequest } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { ImportCounts, ImportMode, TargetRevision } from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { type CursorFormat, directionOf, pageOf, stretchOf } from './page.ts';
import type { Session } from './session.ts';
import { instantText } from './statement.ts';

interface RevisionRow {
  readonly sourceId: number;
  readonly number: number;
  readonly mode: ImportMode;
  readonly at: string;
  readonly actor: string | null;
  readonly reason: string | null;
  readonly externalRevision: string | null;
  readonly counts: ImportCounts;
}

function toRevision({ at, actor, reason, externalRevision, ...row }: RevisionRow): TargetRevision {
  return {
    ...row,
    at: parseInstant(at),
    ...(actor === null ? {} : { actor }),
    ...(reason === null ? {} : { reason }),
    ...(externalRevision === null ? {} : { externalRevision }),
  };
}

const columns = sql`
  source_id as "sourceId", number, mode, at::text as at, actor, reason,
  external_revision as "externalRevision", counts
`;

/** Writes down an import that changed something. */
export async function insertRevision(session: Session, revision: TargetRevision): Promise<void> {
  await session.rows(sql`
    /* insertRevision */
    insert into target_revision (source_id, number, mode, at, actor, reason, external_revision, counts)
    values (
      ${revision.sourceId}, ${revision.number}, ${revision.mode},
      ${instantText(revision.at)}::text::timestamptz, ${revision.actor ?? null}, ${revision.reason ?? null},
      ${revision.externalRevision ?? null}, ${JSON.stringify(revision.counts)}::text::jsonb
    )
  `);
}

const cursors: CursorFormat<number> = {
  format: (number) => String(number),
  read: (text) => (/^\d{1,9}$/.test(text) ? Number(text) : undefined),
};

/** The revisions of a source, newest first. Throws BadInput. */
export async function pageOfRevisions(
  session: Session,
  { sourceId }: { readonly sourceId: number },
  request: PageRequest,
): Promise<Page<TargetRevision>> {
  const { after, before, backward, limit } = stretchOf(request, cursors);
  const rows = await session.rows<RevisionRow>(sql`
    /* pageOfRevisions */
    select ${columns}
    from target_revision
    where source_id = ${sourceId}
      and ${after === undefined ? sql`true` : sql`number < ${after}`}
      and ${before === undefined ? sql`true` : sql`number > ${before}`}
    order by number ${directionOf(!backward)}
    limit ${limit}
  `);
  return pageOf(
    rows.map((row) => ({ place: row.number, node: toRevision(row) })),
    request,
    cursors,
  );
}

/** How many revisions a source has. */
export async function countRevisions(
  session: Session,
  { sourceId }: { readonly sourceId: number },
): Promise<number> {
  const [row] = await session.rows<{ count: number }>(sql`
    /* countRevisions */
    select count(*) as count from target_revision where source_id = ${sourceId}
  `);
  return Number(row?.count ?? 0);
}

/** An answer that was given under an idempotency key. */
export interface GivenAnswer {
  readonly contentHash: string;
  /** As JSON; networks, which are bigints, as `{"$bigint": "…"}`. */
  readonly result: string;
}

/** What was answered under a key. */
export async function findAnswer(
  session: Session,
  sourceId: number,
  key: string,
): Promise<GivenAnswer | undefined> {
  const [row] = await session.rows<GivenAnswer>(sql`
    /* findAnswer */
    select content_hash as "contentHash", result::text as result
    from target_answer
    where source_id = ${sourceId} and key = ${key}
    limit 1
  `);
  return row;
}

/** Keeps an answer under its key, and takes away those to which nobody will come back. */
export async function keepAnswer(
  session: Session,
  place: { readonly sourceId: number; readonly key: string; readonly at: Instant },
  { contentHash, result }: GivenAnswer,
): Promise<void> {
  const at = sql`${instantText(place.at)}::text::timestamptz`;
  await session.rows(sql`
    /* dropOldAnswers */
    delete from target_answer
    where source_id = ${place.sourceId} and at < ${at} - ${`${limits.answersKeptMs} ms`}::text::interval
  `);
  await session.rows(sql`
    /* keepAnswer */
    insert into target_answer (source_id, key, content_hash, result, at)
    values (
      ${place.sourceId}, ${place.key}, ${contentHash}, ${result}::text::jsonb, ${at}
    )
  `);
}

/** A plan as it is kept. */
export interface KeptPlan {
  readonly hash: string;
  readonly sourceId: number;
  readonly payload: string;
  readonly createdAt: Instant;
  readonly expiresAt: Instant;
}

/** Keeps a plan, and takes away those that expired. */
export async function keepPlan(session: Session, plan: KeptPlan): Promise<void> {
  const createdAt = sql`${instantText(plan.createdAt)}::text::timestamptz`;
  await session.rows(sql`
    /* dropExpiredPlans */
    delete from target_plan where expires_at < ${createdAt} - interval '1 day'
  `);
  await session.rows(sql`
    /* keepPlan */
    insert into target_plan (hash, source_id, payload, created_at, expires_at)
    values (
      ${plan.hash}, ${plan.sourceId}, ${plan.payload}, ${createdAt},
      ${instantText(plan.expiresAt)}::text::timestamptz
    )
    on conflict (hash) do update set
      payload = excluded.payload,
      created_at = excluded.created_at,
      expires_at = excluded.expires_at
  `);
}

/** A plan that was kept. */
export async function findPlan(session: Session, hash: string): Promise<KeptPlan | undefined> {
  const [row] = await session.rows<
    Omit<KeptPlan, 'createdAt' | 'expiresAt'> & { readonly createdAt: string; readonly expiresAt: string }
  >(sql`
    /* findPlan */
    select
      hash, source_id as "sourceId", payload, created_at::text as "createdAt", expires_at::text as "expiresAt"
    from target_plan
    where hash = ${hash}
    limit 1
  `);
  if (row === undefined) return undefined;
  return { ...row, createdAt: parseInstant(row.createdAt), expiresAt: parseInstant(row.expiresAt) };
}
