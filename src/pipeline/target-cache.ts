import type { Address } from '../core/address.ts';
import { indexTarget, type TargetIndex } from '../core/expectation.ts';
import type { StoredStatement, TargetPolicy, TargetSource } from '../core/target-model.ts';
import type { Session } from '../store/session.ts';
import { allPolicies } from '../store/target-policies.ts';
import { readStatements } from '../store/target-statements.ts';
import { readMembers, targetStamp } from '../store/target-writes.ts';

/** The target of an address space, ready to be asked. */
export interface LoadedTarget {
  readonly addressSpaceId: number;
  readonly statements: readonly StoredStatement[];
  readonly policies: readonly TargetPolicy[];
  readonly groups: ReadonlyMap<Address, readonly string[]>;
  readonly index: TargetIndex;
}

/** Targets by address space, each with the stamp under which it was read. One process has one. */
const loaded = new Map<number, { readonly stamp: number; readonly target: LoadedTarget }>();

/** The present target; undefined where nothing was ever declared. Kept in memory for as long as it does not change. */
export async function presentTarget(
  session: Session,
  addressSpaceId: number,
): Promise<LoadedTarget | undefined> {
  const stamp = await targetStamp(session, addressSpaceId);
  if (stamp === undefined) return undefined;
  const known = loaded.get(addressSpaceId);
  if (known?.stamp === stamp) return known.target;
  const target = await loadTarget(session, addressSpaceId);
  loaded.set(addressSpaceId, { stamp, target });
  return target;
}

/**
 * Keeps what a target is after a revision, from what it was before: only the new statements are read. To be called
 * once the stamp changed, in the same transaction.
 */
export async function keepRevised(
  session: Session,
  before: LoadedTarget | undefined,
  { source, ended, revision }: { source: TargetSource; ended: ReadonlySet<number>; revision: number },
): Promise<void> {
  const { addressSpaceId } = source;
  const stamp = await targetStamp(session, addressSpaceId);
  if (before === undefined || stamp === undefined) return;
  const added = await readStatements(session, { sourceId: source.id, sinceRevision: revision });
  const statements = [...before.statements.filter(({ id }) => !ended.has(id)), ...added];
  const groups = groupsOf(await readMembers(session, { addressSpaceId }));
  const { policies } = before;
  loaded.set(addressSpaceId, {
    stamp,
    target: buildTarget({ addressSpaceId, statements, policies, groups }),
  });
}

async function loadTarget(session: Session, addressSpaceId: number): Promise<LoadedTarget> {
  const statements = await readStatements(session, { addressSpaceId });
  const policies = await allPolicies(session, addressSpaceId);
  const groups = groupsOf(await readMembers(session, { addressSpaceId }));
  return buildTarget({ addressSpaceId, statements, policies, groups });
}

/** A target with its index. */
export function buildTarget(parts: Omit<LoadedTarget, 'index'>): LoadedTarget {
  return { ...parts, index: indexTarget(parts) };
}

/** The groups of each address; several sources may say the same. */
export function groupsOf(
  members: readonly { readonly group: string; readonly address: Address }[],
): ReadonlyMap<Address, readonly string[]> {
  const groups = new Map<Address, string[]>();
  for (const { group, address } of members) {
    const own = groups.get(address);
    if (own === undefined) groups.set(address, [group]);
    else if (!own.includes(group)) own.push(group);
  }
  return groups;
}
