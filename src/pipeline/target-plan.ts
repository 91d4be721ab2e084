import { createHash } from 'node:crypto';
import type { Address } from '../core/address.ts';
import { type AddressSet, readAddressSet } from '../core/address-set.ts';
import { brakesOf } from '../core/brakes.ts';
import { conflictsAmong } from '../core/conflicts.ts';
import { BadInput } from '../core/errors.ts';
import type { Instant } from '../core/observation.ts';
import type { Selector } from '../core/target.ts';
import {
  compareStatements,
  itemsOf,
  type NamedStatement,
  type TargetDifference,
  wordsOf,
} from '../core/target-difference.ts';
import type {
  Brake,
  DriftImpact,
  GroupMember,
  ImportPlan,
  ImportRequest,
  StatementOrigin,
  StoredStatement,
  TargetSource,
} from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { allScannerGroups } from '../store/scanner-groups.ts';
import type { Session } from '../store/session.ts';
import { readMembers } from '../store/target-writes.ts';
import { noCounts } from './assess.ts';
import { groupsOf, type LoadedTarget, presentTarget } from './target-cache.ts';
import { impactFrom, impactOf, placesOf } from './target-impact.ts';
import { isInScope, type ReadInventory } from './target-inventory.ts';
import { refuseMode } from './target-refusals.ts';
import { warningsOf } from './target-warnings.ts';

/** An import of what was read. */
export interface ImportWork {
  readonly request: ImportRequest;
  readonly source: TargetSource;
  readonly inventory: ReadInventory;
  readonly now: Instant;
}

/** What an import makes of the target, with everything that is needed to do it. */
export interface Draft extends ImportWork {
  /** The target on which it is based. */
  readonly before: LoadedTarget | undefined;
  /** The target as it would be; new statements have provisional negative numbers. */
  readonly after: Omit<LoadedTarget, 'index'>;
  /** Statements that stand where the import may change some: those in its scope, of a patch all of the source. */
  readonly standing: number;
  readonly difference: TargetDifference<StoredStatement, NamedStatement>;
  readonly members: {
    readonly added: readonly GroupMember[];
    readonly removed: readonly GroupMember[];
    /** How many stay because a snapshot names none. */
    readonly kept: number;
  };
  readonly isNothing: boolean;
  /** Where effective expectations may differ; undefined for everywhere. */
  readonly within: AddressSet | undefined;
  readonly origin: StatementOrigin;
  readonly viewNames: ReadonlyMap<number, string>;
}

/** What an import would do to the present state. Reads only. Throws TargetRefused, BadInput. */
export async function workPlan(session: Session, work: ImportWork): Promise<ImportPlan> {
  const draft = await draftImport(session, work);
  return planOf(draft, await driftImpact(session, draft));
}

/** What would become of drift. Reads only. */
export async function driftImpact(session: Session, draft: Draft): Promise<DriftImpact> {
  return draft.isNothing ? noImpact : await impactOf(session, draft);
}

/** What an import would make of the present target. Reads only. Throws TargetRefused, BadInput. */
export async function draftImport(session: Session, work: ImportWork): Promise<Draft> {
  const { request, source, inventory, now } = work;
  refuseMode(request, inventory, now);
  const viewNames = new Map((await allScannerGroups(session)).map(({ id, name }) => [id, name]));
  const before = await presentTarget(session, source.addressSpaceId);
  const all = (before?.statements ?? []).filter(({ sourceId }) => sourceId === source.id);
  const standing = standingFor(request, all, { inventory, now });
  const wanted =
    request.mode === 'baseline' ? newNames(inventory.statements, { all, standing }) : inventory.statements;
  const difference = compareStatements(standing, wanted);
  const members = await memberChanges(session, { request, source, inventory });
  const after = targetAfter(before, { source, difference, members, now, origin: originOf(request) });
  return {
    ...work,
    before,
    after,
    standing: request.mode === 'snapshot' ? standing.length : all.length,
    difference,
    members,
    isNothing: isUnchanged(difference, members),
    within: whereDifferent({ before, after, difference, members }),
    origin: originOf(request),
    viewNames,
  };
}

/** The plan of a draft of which one knows what becomes of drift. */
export function planOf(draft: Draft, impact: DriftImpact): ImportPlan {
  const { request, source, inventory, now, after, difference, members, isNothing } = draft;
  const changedIds = new Set(after.statements.filter(({ id }) => id < 0).map(({ id }) => id));
  const deleted = difference.deleted.length;
  const plan: Omit<ImportPlan, 'hash'> = {
    sourceId: source.id,
    mode: request.mode,
    format: inventory.format,
    baseRevision: source.revision,
    ...(request.networks === undefined ? {} : { networks: request.networks }),
    counts: {
      created: difference.created.length,
      updated: difference.updated.length,
      deleted,
      unchanged: difference.unchanged,
      rejected: inventory.rejectedCount,
      skipped: inventory.skippedCount,
    },
    items: itemsOf(difference, { viewNames: draft.viewNames, max: limits.planItemsMax }),
    rejected: inventory.rejected,
    skipped: inventory.skipped,
    conflicts: isNothing ? [] : conflictsAmong(after, { ids: changedIds, max: limits.planItemsMax }),
    brakes: brakesIn(draft, impact),
    impact,
    warnings: warningsOf(inventory, {
      now,
      members: memberCounts(members),
      groups: after.groups,
      profile: request.profile,
    }),
    createdAt: now,
    expiresAt: now + limits.planKeptMs,
  };
  return { ...plan, hash: hashOf(plan, { difference, members, items: inventory.digest }) };
}

/** What holds an import of which one knows what becomes of drift. */
export function brakesIn(
  { request, source, inventory, difference, standing }: Draft,
  impact: DriftImpact,
): Brake[] {
  return brakesOf({
    mode: request.mode,
    source,
    wanted: inventory.statements.length,
    standing,
    deleted: difference.deleted.length,
    changed: [...difference.created, ...difference.updated.map(({ after }) => after)],
    impact,
    isTruncated: !inventory.isComplete,
    truncation: inventory.truncation,
    externalRevision: inventory.externalRevision,
  });
}

/** What becomes of drift where nothing of the target changes. */
export const noImpact: DriftImpact = impactFrom(noCounts());

/**
 * What an import may change: of a snapshot everything in its scope, of a patch what it names, of a baseline what it
 * names and what ended.
 */
function standingFor(
  request: ImportRequest,
  all: readonly StoredStatement[],
  { inventory, now }: { inventory: ReadInventory; now: Instant },
): StoredStatement[] {
  if (request.mode === 'snapshot') return withinNetworks(request, all, inventory);
  const named = new Set([...inventory.statements.map(({ externalId }) => externalId), ...inventory.removals]);
  const own = all.filter(({ externalId }) => named.has(externalId));
  if (request.mode === 'patch') return own;
  return own.filter(({ validUntil }) => validUntil !== undefined && validUntil <= now);
}

function withinNetworks(
  { networks }: ImportRequest,
  all: readonly StoredStatement[],
  inventory: ReadInventory,
): StoredStatement[] {
  if (networks === undefined) return [...all];
  const reading = readAddressSet(networks);
  if (!reading.ok) {
    throw new BadInput(`"networks" has "${reading.text.slice(0, 80)}": ${reading.reason}`, 'networks');
  }
  const outside = inventory.statements.find(({ selector }) => !isInScope(selector, reading.addresses));
  if (outside !== undefined) {
    throw new BadInput(
      `The snapshot is declared for ${networks.join(', ')}, and "${outside.externalId}" lies outside: widen "networks", or leave it out`,
      'networks',
    );
  }
  return all.filter(({ selector }) => isInScope(selector, reading.addresses));
}

/** Of a baseline what nobody declares, or declares no longer. */
function newNames(
  statements: readonly NamedStatement[],
  { all, standing }: { all: readonly StoredStatement[]; standing: readonly StoredStatement[] },
): NamedStatement[] {
  const ended = new Set(standing);
  const known = new Set(all.filter((one) => !ended.has(one)).map(({ externalId }) => externalId));
  return statements.filter(({ externalId }) => !known.has(externalId));
}

async function memberChanges(
  session: Session,
  { request, source, inventory }: { request: ImportRequest; source: TargetSource; inventory: ReadInventory },
): Promise<Draft['members']> {
  const known = await readMembers(session, { sourceId: source.id });
  const key = ({ group, address }: GroupMember) => `${address} ${group}`;
  const had = new Set(known.map(key));
  const wanted = new Map(inventory.members.map((member) => [key(member), member]));
  const added = [...wanted.values()].filter((member) => !had.has(key(member)));
  const isWhole = request.mode === 'snapshot' && request.networks === undefined;
  // An inventory that knows no groups must not empty them.
  if (!isWhole || wanted.size === 0) return { added, removed: [], kept: isWhole ? known.length : 0 };
  return { added, removed: known.filter((member) => !wanted.has(key(member))), kept: 0 };
}

function memberCounts({ added, removed, kept }: Draft['members']) {
  return { added: added.length, removed: removed.length, kept };
}

function isUnchanged(
  { created, updated, deleted }: Draft['difference'],
  { added, removed }: Draft['members'],
): boolean {
  return created.length + updated.length + deleted.length + added.length + removed.length === 0;
}

/** The target of the address space once the import is in; new statements have provisional negative numbers. */
function targetAfter(
  before: LoadedTarget | undefined,
  {
    source,
    difference,
    members,
    now,
    origin,
  }: Pick<Draft, 'difference' | 'members' | 'origin'> & { source: TargetSource; now: Instant },
): Omit<LoadedTarget, 'index'> {
  const gone = new Set(
    [...difference.deleted, ...difference.updated.map((one) => one.before)].map(({ id }) => id),
  );
  const news = [...difference.created, ...difference.updated.map(({ after }) => after)];
  const groups = new Map<Address, string[]>();
  const isRemoved = new Set(members.removed.map(({ group, address }) => `${address} ${group}`));
  for (const [address, own] of before?.groups ?? []) {
    groups.set(
      address,
      own.filter((group) => !isRemoved.has(`${address} ${group}`)),
    );
  }
  for (const [address, own] of groupsOf(members.added)) {
    groups.set(address, [...new Set([...(groups.get(address) ?? []), ...own])]);
  }
  return {
    addressSpaceId: source.addressSpaceId,
    policies: before?.policies ?? [],
    groups,
    statements: [
      ...(before?.statements ?? []).filter(({ id }) => !gone.has(id)),
      ...news.map((one, i) => ({
        ...one,
        id: -1 - i,
        priority: source.priority,
        addressSpaceId: source.addressSpaceId,
        origin,
        sinceRevision: source.revision + 1,
        since: now,
      })),
    ],
  };
}

function whereDifferent({
  before,
  after,
  difference: { created, updated, deleted },
  members,
}: Pick<Draft, 'difference' | 'members'> & {
  before: LoadedTarget | undefined;
  after: Omit<LoadedTarget, 'index'>;
}): AddressSet | undefined {
  const isEmptyBefore = before === undefined || before.index.isEmpty;
  if (isEmptyBefore !== (after.statements.length + after.policies.length === 0)) return undefined;
  const selectors: Selector[] = [
    ...created,
    ...deleted,
    ...updated.flatMap((one) => [one.before, one.after]),
  ].map(({ selector }) => selector);
  const groups = groupsOf([...membersOf(before?.groups ?? new Map()), ...membersOf(after.groups)]);
  const addresses = [...members.added, ...members.removed].map(({ address }) => address);
  return placesOf(selectors, { groups, addresses });
}

function* membersOf(groups: ReadonlyMap<Address, readonly string[]>): Generator<GroupMember> {
  for (const [address, own] of groups) for (const group of own) yield { group, address };
}

function originOf({ mode }: ImportRequest): StatementOrigin {
  return mode === 'baseline' ? 'baseline' : 'import';
}

/** The same hash means: the same source in the same state, and the same is done to it. */
function hashOf(
  plan: Omit<ImportPlan, 'hash'>,
  {
    difference: { created, updated, deleted },
    members,
    items,
  }: Pick<Draft, 'difference' | 'members'> & { items: string },
): string {
  const hash = createHash('sha256');
  const put = (value: unknown) => void hash.update(`${JSON.stringify(value)}\n`);
  put([plan.sourceId, plan.mode, plan.baseRevision, plan.networks ?? null, items]);
  for (const one of created) put(['+', one.externalId, wordsOf(one)]);
  for (const { before, after } of updated) put(['~', before.id, after.externalId, wordsOf(after)]);
  for (const { id } of deleted) put(['-', id]);
  put([members.added, members.removed]);
  put(plan.brakes.map(({ kind }) => kind));
  return hash.digest('hex').slice(0, 32);
}
