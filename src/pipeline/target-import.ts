import { createHash } from 'node:crypto';
import { gunzipSync, gzipSync } from 'node:zlib';
import { TargetRefused } from '../core/errors.ts';
import type { Instant } from '../core/observation.ts';
import type {
  ImportPlan,
  ImportRequest,
  ImportResult,
  TargetRevision,
  TargetSource,
} from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { findAddressSpace } from '../store/address-spaces.ts';
import { appendImport, type EventOrigin } from '../store/drift-writes.ts';
import { allScannerGroups } from '../store/scanner-groups.ts';
import type { Database, Session } from '../store/session.ts';
import { storableText } from '../store/statement.ts';
import { findAnswer, findPlan, insertRevision, keepAnswer, keepPlan } from '../store/target-revisions.ts';
import {
  findSameImport,
  findTargetSource,
  lockTargetSource,
  type NotedImport,
  noteImport,
  noteSameImport,
} from '../store/target-sources.ts';
import {
  changeMembers,
  changeStamp,
  endStatements,
  insertStatements,
  lockTarget,
} from '../store/target-writes.ts';
import { wake } from '../store/wakeups.ts';
import { type AssessCounts, noCounts } from './assess.ts';
import { type BufferedInventory, bufferInventory } from './buffered-inventory.ts';
import { reassess } from './drift.ts';
import { keepRevised } from './target-cache.ts';
import { impactFrom } from './target-impact.ts';
import { type ReadInventory, readInventory } from './target-inventory.ts';
import { brakesIn, type Draft, draftImport, driftImpact, noImpact, planOf, workPlan } from './target-plan.ts';
import { refuseNoSource, refuseRevision, refuseUnfit, refuseUnfitTexts } from './target-refusals.ts';

/** Says what an import would do, and keeps it. Throws TargetRefused, NotFound, BadInput. */
export async function planImport(
  database: Database,
  { request, inventory, now }: { request: ImportRequest; inventory: AsyncIterable<Uint8Array>; now: Instant },
): Promise<ImportPlan> {
  refuseUnfitTexts(request);
  const { read, source } = await readFor(database, request, inventory);
  const plan = await workPlan(database, { request, source, inventory: read, now });
  await keepPlan(database, {
    hash: plan.hash,
    sourceId: source.id,
    payload: packed({ request, read }),
    createdAt: plan.createdAt,
    expiresAt: plan.expiresAt,
  });
  return plan;
}

/** Does what a plan says, or nothing. Throws TargetRefused. */
export async function applyPlan(
  database: Database,
  {
    hash,
    decision,
    now,
  }: {
    hash: string;
    decision: Pick<ImportRequest, 'override' | 'actor' | 'reason' | 'idempotencyKey'>;
    now: Instant;
  },
): Promise<ImportResult> {
  const kept = await findPlan(database, hash);
  if (kept === undefined) {
    throw new TargetRefused(
      'UNKNOWN_PLAN',
      `There is no plan "${hash.slice(0, 40)}": plan the import again.`,
    );
  }
  if (kept.expiresAt <= now) {
    const until = new Date(kept.expiresAt).toISOString();
    throw new TargetRefused(
      'EXPIRED_PLAN',
      `The plan could be applied until ${until}: plan the import again.`,
    );
  }
  const { request, read } = unpacked(kept.payload);
  const given = Object.fromEntries(Object.entries(decision).filter(([, value]) => value !== undefined));
  return importRead(database, { request: { ...request, ...given }, read, now, planned: hash });
}

/** Plans and applies at once. Throws TargetRefused, NotFound, BadInput. */
export async function importInventory(
  database: Database,
  {
    request,
    inventory,
    now,
  }: {
    request: ImportRequest & { readonly dryRun: boolean };
    inventory: AsyncIterable<Uint8Array>;
    now: Instant;
  },
): Promise<ImportResult> {
  const { dryRun, ...rest } = request;
  const buffered = await bufferInventory(inventory);
  const same = dryRun ? undefined : await sameAgain(database, { request: rest, buffered, now });
  if (same !== undefined) return same;
  const { read, source } = await readFor(database, rest, buffered.bytes());
  if (dryRun) {
    const plan = await workPlan(database, { request: rest, source, inventory: read, now });
    return { plan, outcome: 'planned' };
  }
  return importRead(database, { request: rest, read, now });
}

/**
 * The answer to an import that asks for what the last one asked for, while nothing of the source changed since: there
 * is nothing to read, compare or write. Undefined where it must be looked at.
 */
async function sameAgain(
  database: Database,
  { request, buffered, now }: { request: ImportRequest; buffered: BufferedInventory; now: Instant },
): Promise<ImportResult | undefined> {
  if (buffered.digest === undefined || request.idempotencyKey !== undefined) return undefined;
  const source = await findTargetSource(database, request.sourceId);
  if (source === undefined) return undefined;
  const hash = await meaningOf(database, source, contentHashOf(request, buffered.digest));
  const count = await findSameImport(database, source.id, hash);
  if (count === undefined) return undefined;
  refuseRevision(request, source);
  await noteSameImport(database, source.id, now);
  return { plan: planOfNothing(request, { source, hash, count, now }), outcome: 'no_changes' };
}

function planOfNothing(
  request: ImportRequest,
  { source, hash, count, now }: { source: TargetSource; hash: string; count: number; now: Instant },
): ImportPlan {
  return {
    hash: hash.slice(0, 32),
    sourceId: source.id,
    mode: request.mode,
    format: request.format ?? 'the same as before',
    baseRevision: source.revision,
    ...(request.networks === undefined ? {} : { networks: request.networks }),
    counts: { created: 0, updated: 0, deleted: 0, unchanged: count, rejected: 0, skipped: 0 },
    items: [],
    rejected: [],
    skipped: [],
    conflicts: [],
    brakes: [],
    impact: { wouldOpen: 0, wouldResolve: 0, wouldHideForbidden: 0, assessed: 0 },
    warnings: [],
    createdAt: now,
    expiresAt: now + limits.planKeptMs,
  };
}

async function readFor(
  database: Database,
  request: ImportRequest,
  inventory: AsyncIterable<Uint8Array>,
): Promise<{ read: ReadInventory; source: TargetSource }> {
  const source = (await findTargetSource(database, request.sourceId)) ?? refuseNoSource(request.sourceId);
  const space = await findAddressSpace(database, source.addressSpaceId);
  const groups = await allScannerGroups(database);
  const views = new Map(
    groups
      .filter(({ addressSpaceId }) => addressSpaceId === source.addressSpaceId)
      .map(({ name, id }) => [name, id]),
  );
  const read = await readInventory(request, inventory, { source, spaceName: space?.name ?? '', views });
  return { read, source };
}

interface Import {
  readonly request: ImportRequest;
  readonly read: ReadInventory;
  readonly now: Instant;
  /** The hash of the plan that is applied; without it whatever comes of it now. */
  readonly planned?: string;
}

/**
 * Applies what was read, entirely or not at all. What becomes of drift is known once it has: an import that a brake
 * then holds is undone.
 */
async function importRead(database: Database, work: Import): Promise<ImportResult> {
  const { request, read, now, planned } = work;
  refuseUnfitTexts(request);
  return database.transaction(async (session) => {
    const source = await lockTargetSource(session, request.sourceId);
    await lockTarget(session, source.addressSpaceId); // What is kept of it begins with what it is now.
    const contentHash = contentHashOf(request, read.digest);
    const answered = await answeredBefore(session, request, contentHash);
    if (answered !== undefined) return answered;
    const draft = await draftImport(session, { request, source, inventory: read, now });
    if (planned === undefined) {
      refuseRevision(request, source);
      await refuseUnfitDraft(session, draft);
    }
    const counts = draft.isNothing ? noCounts() : await write(session, draft);
    const plan = planOf(draft, impactFrom(counts));
    if (planned !== undefined) refuseStale(plan, planned);
    refuseUnfit(request, read, plan.brakes);
    const noted = notedImport(draft, await meaningOf(session, source, contentHash));
    const result = await noteResult(session, { draft, plan, noted, counts });
    if (request.idempotencyKey !== undefined) {
      const place = { sourceId: source.id, key: request.idempotencyKey, at: now };
      await keepAnswer(session, place, { contentHash, result: toText(result) });
    }
    return result;
  });
}

function refuseStale(plan: ImportPlan, planned: string): void {
  if (plan.hash === planned) return;
  throw new TargetRefused(
    'STALE_PLAN',
    'What the plan is based on changed since: plan the import again, and look at what it would do now.',
  );
}

async function answeredBefore(
  session: Session,
  { sourceId, idempotencyKey }: ImportRequest,
  contentHash: string,
): Promise<ImportResult | undefined> {
  if (idempotencyKey === undefined) return undefined;
  const answer = await findAnswer(session, sourceId, idempotencyKey);
  if (answer === undefined) return undefined;
  if (answer.contentHash === contentHash)
    return { ...(fromText(answer.result) as ImportResult), outcome: 'repeated' };
  throw new TargetRefused(
    'KEY_REUSED',
    `The idempotency key "${idempotencyKey.slice(0, 60)}" was used for another import: choose a new one.`,
  );
}

/** Names what an import asks for. */
function contentHashOf(request: ImportRequest, digest: string): string {
  const { sourceId, mode, format, profile, defaultExpect, defaultView, defaultSelector, networks } = request;
  const { portsVariable, reviewBy } = request;
  const how = [format, profile, defaultExpect, defaultView, defaultSelector, portsVariable, reviewBy];
  const asked = [sourceId, mode, how.map((each) => each ?? null), networks ?? null, digest];
  return createHash('sha256').update(JSON.stringify(asked)).digest('hex');
}

/** Names what an import asks for together with what its words mean: the same name of a view may be another one's. */
async function meaningOf(session: Session, source: TargetSource, contentHash: string): Promise<string> {
  const space = await findAddressSpace(session, source.addressSpaceId);
  const views = (await allScannerGroups(session))
    .filter(({ addressSpaceId }) => addressSpaceId === source.addressSpaceId)
    .map(({ id, name }) => [id, name]);
  const meaning = JSON.stringify([contentHash, space?.name, views, source.networks ?? null]);
  return createHash('sha256').update(meaning).digest('hex');
}

/** Why an import is refused before anything is written. Throws TargetRefused with all brakes that hold it, BadInput. */
async function refuseUnfitDraft(session: Session, draft: Draft): Promise<void> {
  const { request, inventory } = draft;
  try {
    refuseUnfit(request, inventory, brakesIn(draft, noImpact));
  } catch (error) {
    if (!(error instanceof TargetRefused) || error.code !== 'BRAKES') throw error;
    refuseUnfit(request, inventory, brakesIn(draft, await driftImpact(session, draft)));
  }
}

type Noted = Omit<NotedImport, 'revision'>;

/** An import of which rows were left out must be read again to say which. */
function notedImport({ difference, inventory, now }: Draft, hash: string): Noted {
  const { rejectedCount, skippedCount, isComplete, externalRevision } = inventory;
  const isWhole = rejectedCount + skippedCount === 0 && isComplete;
  const count = difference.created.length + difference.updated.length + difference.unchanged;
  return { externalRevision, at: now, count, hash: isWhole ? hash : undefined };
}

/** Changes the target, and drift with it. */
async function write(session: Session, draft: Draft): Promise<AssessCounts> {
  const { source, now, difference, members, within, origin } = draft;
  const from = { revision: source.revision + 1, at: now };
  const ended = [...difference.deleted, ...difference.updated.map(({ before }) => before)];
  await endStatements(
    session,
    ended.map(({ id }) => id),
    from,
  );
  const news = [...difference.created, ...difference.updated.map(({ after }) => after)];
  const { addressSpaceId } = source;
  await insertStatements(
    session,
    news.map((one) => ({ ...one, addressSpaceId, origin })),
    from,
  );
  await changeMembers(session, source, members);
  await changeStamp(session, addressSpaceId);
  const endedIds = new Set(ended.map(({ id }) => id));
  await keepRevised(session, draft.before, { source, ended: endedIds, revision: from.revision });
  return reassess(session, { addressSpaceId, within, origin: causeOf(draft) });
}

function causeOf({ source, now }: Draft): EventOrigin {
  return { at: now, cause: 'target_change', sourceId: source.id, revision: source.revision + 1 };
}

/** Writes down that the import was, and what it did. */
async function noteResult(
  session: Session,
  { draft, plan, noted, counts }: { draft: Draft; plan: ImportPlan; noted: Noted; counts: AssessCounts },
): Promise<ImportResult> {
  const { source } = draft;
  if (draft.isNothing) {
    await noteImport(session, source.id, { ...noted, revision: source.revision });
    return { plan, outcome: 'no_changes' };
  }
  const revision = revisionOf(draft, plan);
  await noteImport(session, source.id, { ...noted, revision: revision.number });
  await insertRevision(session, revision);
  const { opened, resolved } = counts;
  await appendImport(session, source.addressSpaceId, {
    origin: causeOf(draft),
    counts: { opened, resolved },
  });
  await wake(session);
  return { plan, outcome: 'applied', revision };
}

function revisionOf({ request, source, now, inventory }: Draft, plan: ImportPlan): TargetRevision {
  const { externalRevision } = inventory;
  const { actor } = request;
  const reason = reasonOf(request, plan);
  return {
    sourceId: source.id,
    number: source.revision + 1,
    mode: request.mode,
    at: now,
    counts: plan.counts,
    ...(actor === undefined ? {} : { actor }),
    ...(reason === '' ? {} : { reason }),
    ...(externalRevision === undefined ? {} : { externalRevision }),
  };
}

/** Why, and which brakes were let go for it. */
function reasonOf({ reason, override }: ImportRequest, { brakes }: ImportPlan): string {
  const said = new Set([reason, override?.reason].filter((text) => text !== undefined));
  const kinds = brakes.map(({ kind }) => kind).join(', ');
  const letGo = kinds === '' ? '' : ` (brakes let go: ${kinds})`;
  return `${[...said].join('; ')}${letGo}`.trim();
}

interface PlanPayload {
  readonly request: ImportRequest;
  readonly read: ReadInventory;
}

function packed(payload: PlanPayload): string {
  return gzipSync(toText(payload)).toString('base64');
}

function unpacked(text: string): PlanPayload {
  const packing = Buffer.from(text, 'base64');
  return fromText(
    gunzipSync(packing, { maxOutputLength: limits.inventoryBytesMax }).toString(),
  ) as PlanPayload;
}

/** Networks are bigints, which JSON has not; halves of characters are what the database has not. */
function toText(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => {
    if (typeof inner === 'bigint') return { $bigint: String(inner) };
    return typeof inner === 'string' ? storableText(inner) : inner;
  });
}

function fromText(text: string): unknown {
  return JSON.parse(text, (_key, value: unknown) =>
    typeof value === 'object' && value !== null && '$bigint' in value ? BigInt(String(value.$bigint)) : value,
  );
}
