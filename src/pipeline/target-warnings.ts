import type { Address } from '../core/address.ts';
import type { Instant } from '../core/observation.ts';
import { isLocal } from '../inventory/selector-text.ts';
import type { ReadInventory } from './target-inventory.ts';

/** What an import does to the members of host groups, in numbers. */
export interface MemberCounts {
  readonly added: number;
  readonly removed: number;
  /** Members that stay because a snapshot names none at all. */
  readonly kept: number;
}

/** What an inventory is held against. */
export interface WarningContext {
  readonly now: Instant;
  readonly members: MemberCounts;
  /** The groups of each address as they would be, whoever declares them. */
  readonly groups: ReadonlyMap<Address, readonly string[]>;
  /** The mapping profile that the import names. */
  readonly profile: string | undefined;
}

/** What somebody who applies an import may not have meant, one sentence each. */
export function warningsOf(
  inventory: ReadInventory,
  { now, members, groups, profile }: WarningContext,
): string[] {
  const warnings = [
    emptyWarning(inventory, profile),
    endedWarning(inventory, now),
    skippedWarning(inventory),
    localWarning(inventory),
    memberWarning(members),
    groupWarning(inventory, groups),
  ];
  return warnings.filter((warning) => warning !== undefined);
}

function emptyWarning(
  { statements, members, removals, rejectedCount, skippedCount }: ReadInventory,
  profile: string | undefined,
): string | undefined {
  const count = statements.length + members.length + removals.length + rejectedCount + skippedCount;
  if (count > 0) return undefined;
  const where = profile === undefined ? '' : ', where the paths of the mapping profile ("records") lead';
  return `No record was found in the document${where}: it says nothing.`;
}

function endedWarning({ statements }: ReadInventory, now: Instant): string | undefined {
  const past = statements.filter(({ validUntil }) => validUntil !== undefined && validUntil <= now).length;
  if (past === 0) return undefined;
  return past === 1
    ? '1 statement ended before now: it is kept, and says nothing.'
    : `${past} statements ended before now: they are kept, and say nothing.`;
}

function skippedWarning({ skippedCount }: ReadInventory): string | undefined {
  if (skippedCount === 0) return undefined;
  return skippedCount === 1
    ? '1 record says nothing on purpose.'
    : `${skippedCount} records say nothing on purpose.`;
}

/** Foreign inventories are refused such addresses one by one; in our own formats somebody meant them. */
function localWarning({ statements }: ReadInventory): string | undefined {
  const count = statements.filter(({ selector }) => isLocal(selector)).length;
  if (count === 0) return undefined;
  return count === 1
    ? '1 statement is about a loopback, link-local, multicast or unspecified address, which means another machine to everybody.'
    : `${count} statements are about loopback, link-local, multicast or unspecified addresses, which mean another machine to everybody.`;
}

function memberWarning({ added, removed, kept }: MemberCounts): string | undefined {
  if (added + removed > 0) return `Members of host groups: ${added} come, ${removed} go.`;
  if (kept === 0) return undefined;
  return `The inventory names no members of host groups: ${kept === 1 ? 'the 1' : `the ${kept}`} that the source has ${kept === 1 ? 'stays' : 'stay'}.`;
}

const groupsNamed = 3;

function groupWarning(
  { statements }: ReadInventory,
  groups: ReadonlyMap<Address, readonly string[]>,
): string | undefined {
  const wanted = new Set(
    statements.flatMap(({ selector }) => (selector.kind === 'group' ? [selector.name] : [])),
  );
  if (wanted.size === 0) return undefined;
  for (const own of groups.values()) for (const group of own) wanted.delete(group);
  if (wanted.size === 0) return undefined;
  const named = [...wanted]
    .slice(0, groupsNamed)
    .map((name) => `"${name}"`)
    .join(', ');
  const rest = wanted.size - groupsNamed;
  const more = rest > 0 ? `, and ${rest} more` : '';
  return `Nobody belongs to the host ${wanted.size === 1 ? 'group' : 'groups'} ${named}${more}: what is said of ${wanted.size === 1 ? 'it' : 'them'} holds for no host.`;
}
