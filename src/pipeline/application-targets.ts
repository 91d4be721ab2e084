import { conflictsAmong } from '../core/conflicts.ts';
import { BadInput, NotFound } from '../core/errors.ts';
import type { PageRequest } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { Policy, Statement } from '../core/target.ts';
import { compareStatements, itemsOf } from '../core/target-difference.ts';
import type {
  ExpectationExplained,
  ImportRequest,
  RevisionComparison,
  StatementFilter,
  StoredStatement,
  TargetPolicy,
  TargetPolicyInput,
  TargetSourceInput,
} from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { allScannerGroups } from '../store/scanner-groups.ts';
import type { Database, Session } from '../store/session.ts';
import { allPolicies, removePolicy, setPolicy } from '../store/target-policies.ts';
import { countRevisions, pageOfRevisions } from '../store/target-revisions.ts';
import {
  allTargetSources,
  createTargetSource,
  findTargetSource,
  findTargetSourceByName,
  lockTargetSource,
  removeTargetSource,
  updateTargetSource,
} from '../store/target-sources.ts';
import {
  countStatements,
  findStatements,
  pageOfStatements,
  readStatements,
} from '../store/target-statements.ts';
import { changeStamp, countMembers, readMembers } from '../store/target-writes.ts';
import { wake } from '../store/wakeups.ts';
import { reassess } from './drift.ts';
import { buildTarget, type LoadedTarget, presentTarget } from './target-cache.ts';
import { applyPlan, importInventory, planImport } from './target-import.ts';

/** What should be: who declares it, and what. */
export function targetsOf(database: Database, now: () => Instant) {
  return {
    sources: sourcesOf(database, now),
    statements: {
      page: async (filter: StatementFilter, page: PageRequest) => {
        await refuseNoRevision(database, filter);
        return pageOfStatements(database, filter, page);
      },
      count: (filter: StatementFilter) => countStatements(database, filter),
      find: async (id: number) => (await findStatements(database, [id]))[0],
    },
    policies: {
      all: (addressSpaceId?: number) => allPolicies(database, addressSpaceId),
      set: (input: TargetPolicyInput) =>
        database.transaction(async (session) => {
          const policy = await setPolicy(session, input);
          await targetChanged(session, policy.addressSpaceId, now());
          return policy;
        }),
      remove: (id: number) =>
        database.transaction(async (session) => {
          const policy = await removePolicy(session, id);
          await targetChanged(session, policy.addressSpaceId, now());
          return policy;
        }),
    },
    revisions: {
      page: (place: { readonly sourceId: number }, page: PageRequest) =>
        pageOfRevisions(database, place, page),
      count: (place: { readonly sourceId: number }) => countRevisions(database, place),
    },
    compareRevisions: (sourceId: number, from: number, to: number) =>
      compareRevisions(database, { sourceId, from, to }),
    conflicts: async (addressSpaceId: number) =>
      conflictsAmong(await targetAsOf(database, addressSpaceId, undefined), { max: limits.conflictsMax }),
    explain: (question: Parameters<typeof explain>[1]) => explain(database, question, now()),
    hostGroups: (addressSpaceId: number) => hostGroupsOf(database, addressSpaceId),
    members: (sourceId: number) => readMembers(database, { sourceId }),
    countMembers: (sourceId: number) => countMembers(database, sourceId),
    plan: (request: ImportRequest, inventory: AsyncIterable<Uint8Array>) =>
      planImport(database, { request, inventory, now: now() }),
    apply: (hash: string, decision: Parameters<typeof applyPlan>[1]['decision']) =>
      applyPlan(database, { hash, decision, now: now() }),
    importInventory: (
      request: ImportRequest & { readonly dryRun: boolean },
      inventory: AsyncIterable<Uint8Array>,
    ) => importInventory(database, { request, inventory, now: now() }),
  };
}

function sourcesOf(database: Database, now: () => Instant) {
  return {
    all: () => allTargetSources(database),
    find: (id: number) => findTargetSource(database, id),
    findByName: (name: string) => findTargetSourceByName(database, name),
    create: (input: TargetSourceInput) => createTargetSource(database, input, now()),
    update: (id: number, input: Partial<TargetSourceInput>) =>
      database.transaction(async (session) => {
        const known = await lockTargetSource(session, id);
        const changed = await updateTargetSource(session, known, input);
        // Another priority may make another statement win.
        if (changed.priority !== known.priority && known.revision > 0) {
          await targetChanged(session, changed.addressSpaceId, now());
        }
        return changed;
      }),
    remove: (id: number) => removeTargetSource(database, id),
  };
}

async function targetChanged(session: Session, addressSpaceId: number, now: Instant): Promise<void> {
  await changeStamp(session, addressSpaceId);
  await reassess(session, {
    addressSpaceId,
    within: undefined,
    origin: { at: now, cause: 'policy_change' },
  });
  await wake(session);
}

/** A revision is one of one source. Throws BadInput. */
async function refuseNoRevision(
  session: Session,
  { revision, sourceIds = [] }: StatementFilter,
): Promise<void> {
  if (revision === undefined) return;
  const [only, second] = sourceIds;
  const source = only === undefined ? undefined : await findTargetSource(session, only);
  if (source === undefined || second !== undefined) {
    throw new BadInput('A revision is one of one target source: name the source', 'revision');
  }
  if (revision >= 0 && revision <= source.revision) return;
  throw new BadInput(
    `There is no revision ${revision} of "${source.name}": they go from 0 to ${source.revision}`,
    'revision',
  );
}

async function compareRevisions(
  session: Session,
  { sourceId, from, to }: { sourceId: number; from: number; to: number },
): Promise<RevisionComparison> {
  const source = await findTargetSource(session, sourceId);
  if (source === undefined) throw new NotFound(`There is no target source ${sourceId}`);
  for (const [field, number] of [
    ['from', from],
    ['to', to],
  ] as const) {
    if (Number.isInteger(number) && number >= 0 && number <= source.revision) continue;
    throw new BadInput(
      `"${field}" is ${number}: the revisions of "${source.name}" go from 0 to ${source.revision}`,
      field,
    );
  }
  const viewNames = new Map((await allScannerGroups(session)).map(({ id, name }) => [id, name]));
  const before = await readStatements(session, { sourceId, revision: from });
  const after = await readStatements(session, { sourceId, revision: to });
  const difference = compareStatements(before, after);
  return {
    counts: {
      created: difference.created.length,
      updated: difference.updated.length,
      deleted: difference.deleted.length,
    },
    items: itemsOf(difference, { viewNames, max: limits.planItemsMax }),
  };
}

async function explain(
  session: Session,
  question: {
    readonly addressSpaceId: number;
    readonly address: string;
    readonly port?: number;
    readonly scannerGroupId: number;
    readonly at?: Instant;
  },
  now: Instant,
): Promise<ExpectationExplained> {
  const { addressSpaceId, address, port, scannerGroupId, at } = question;
  const { statements, policies, index } = await targetAsOf(session, addressSpaceId, at);
  const target = index.about(address, scannerGroupId, at ?? now);
  const stored = (one: Statement) => statements.find(({ id }) => id === one.id) as StoredStatement;
  const expected = port === undefined ? target.host : target.port(port);
  const policy = policies.find(({ id }) => id === target.policy?.id);
  // What a host is named for makes it known, if not expected.
  const undeclaredHosts = target.isDeclared ? 'allow' : target.undeclaredHosts;
  const undeclared = port === undefined ? undeclaredHosts : target.undeclaredPorts;
  if (expected === undefined) {
    return { expect: 'undeclared', undeclared, losers: [], conflicts: [], ...policyOf(policy) };
  }
  return {
    expect: expected.value,
    undeclared,
    winner: stored(expected.winner),
    losers: expected.losers.map(stored),
    conflicts: expected.conflicts.map(stored),
    rule: expected.rule,
    ...policyOf(policy),
  };
}

/** The present target, which is kept in memory, or what was declared at a moment. */
async function targetAsOf(
  session: Session,
  addressSpaceId: number,
  at: Instant | undefined,
): Promise<LoadedTarget> {
  const present = await presentTarget(session, addressSpaceId);
  const { policies, groups } = present ?? { policies: [], groups: new Map() };
  if (at === undefined && present !== undefined) return present;
  const asOf = at === undefined ? {} : { asOf: at };
  const statements = await readStatements(session, { addressSpaceId, ...asOf });
  return buildTarget({ addressSpaceId, statements, policies, groups });
}

function policyOf(policy: TargetPolicy | Policy | undefined): { policy?: TargetPolicy } {
  return policy === undefined ? {} : { policy: policy as TargetPolicy };
}

async function hostGroupsOf(
  session: Session,
  addressSpaceId: number,
): Promise<{ readonly name: string; readonly members: number }[]> {
  const members = new Map<string, Set<string>>();
  for (const { group, address } of await readMembers(session, { addressSpaceId })) {
    members.set(group, (members.get(group) ?? new Set()).add(address));
  }
  return Array.from(members, ([name, addresses]) => ({ name, members: addresses.size }));
}
