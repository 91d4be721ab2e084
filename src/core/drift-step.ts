import type { Assessment, Deviation, DriftKind, DriftSide, UnverifiableReason } from './drift.ts';
import type { DriftCause, DriftEventKind } from './drift-model.ts';
import type { PortKey } from './endpoint.ts';
import type { Instant } from './observation.ts';
import type { ScanId } from './state.ts';

/** A drift item as far as assessing a host again can change it. */
export interface ItemState {
  /** Undefined where it is about the host. */
  readonly port: PortKey | undefined;
  readonly side: DriftSide;
  readonly kind: DriftKind;
  readonly state: 'open' | 'resolved';
  readonly episode: number;
  readonly firstOpenedAt: Instant;
  readonly openedAt: Instant;
  readonly openedBy: DriftCause;
  readonly resolvedAt: Instant | undefined;
  readonly resolvedBy: DriftCause | undefined;
  readonly scanId: ScanId | undefined;
  readonly statementId: number | undefined;
  readonly owner: string | undefined;
  readonly ticket: string | undefined;
  readonly unverifiable: { readonly reason: UnverifiableReason; readonly since: Instant } | undefined;
  readonly flapping: boolean;
}

/** Why and when a host is assessed. */
export interface Occasion {
  readonly now: Instant;
  readonly cause: DriftCause;
  readonly scanId?: ScanId;
}

/** What becomes of one item: its new state, and what the log tells of it. */
export interface ItemStep<Item extends ItemState> {
  /** The item as it was; undefined for a new one. */
  readonly before: Item | undefined;
  readonly after: ItemState;
  readonly event: DriftEventKind | undefined;
}

/**
 * What an assessment makes of the items of a host. What deviates is open. What was open and of which nothing can
 * be said stays open, and is marked: an item never closes because nobody looked. Everything else is resolved.
 */
export function stepItems<Item extends ItemState>(
  items: readonly Item[],
  { deviations, unverifiable }: Assessment,
  occasion: Occasion,
): ItemStep<Item>[] {
  const known = new Map(items.map((item) => [cellOf(item), item]));
  const doubts = new Map(unverifiable.map((doubt) => [cellOf(doubt), doubt.reason]));
  const steps: ItemStep<Item>[] = [];
  for (const deviation of deviations) {
    const before = known.get(cellOf(deviation));
    known.delete(cellOf(deviation));
    const step = before?.state === 'open' ? keep(before, deviation) : open(before, deviation, occasion);
    if (step !== undefined) steps.push(step);
  }
  for (const [cell, before] of known) {
    if (before.state === 'resolved') continue;
    const step = withdraw(before, doubts.get(cell), occasion);
    if (step !== undefined) steps.push(step);
  }
  return steps;
}

/** Names a cell of a host: its identity within host and view. */
export function cellOf({
  port,
  side,
}: {
  readonly port?: PortKey | undefined;
  readonly side: DriftSide;
}): string {
  return `${port ?? -1} ${side}`;
}

function open<Item extends ItemState>(
  before: Item | undefined,
  deviation: Deviation,
  { now, cause, scanId }: Occasion,
): ItemStep<Item> {
  return {
    before,
    after: {
      ...factsOf(deviation),
      port: deviation.port,
      side: deviation.side,
      state: 'open',
      episode: (before?.episode ?? 0) + 1,
      firstOpenedAt: before?.firstOpenedAt ?? now,
      openedAt: now,
      openedBy: cause,
      resolvedAt: undefined,
      resolvedBy: undefined,
      scanId,
      unverifiable: undefined,
      flapping: before?.flapping ?? false,
    },
    event: before === undefined ? 'opened' : 'reopened',
  };
}

/** An open item that still deviates may do so in another way, or be proved again. */
function keep<Item extends ItemState>(before: Item, deviation: Deviation): ItemStep<Item> | undefined {
  const facts = factsOf(deviation);
  const isSame =
    before.kind === facts.kind &&
    before.statementId === facts.statementId &&
    before.owner === facts.owner &&
    before.ticket === facts.ticket;
  if (isSame && before.unverifiable === undefined) return undefined;
  return { before, after: { ...before, ...facts, unverifiable: undefined }, event: keptEvent(before, facts) };
}

/** What was unexpected and is forbidden now is worth a word; another owner is not. */
function keptEvent(before: ItemState, { kind }: Pick<ItemState, 'kind'>): DriftEventKind | undefined {
  if (before.unverifiable !== undefined) return 'verifiable_again';
  return before.kind === kind ? undefined : 'changed';
}

function withdraw<Item extends ItemState>(
  before: Item,
  reason: UnverifiableReason | undefined,
  { now, cause, scanId }: Occasion,
): ItemStep<Item> | undefined {
  if (reason === undefined) {
    const resolved = {
      state: 'resolved',
      resolvedAt: now,
      resolvedBy: cause,
      unverifiable: undefined,
    } as const;
    return { before, after: { ...before, ...resolved, scanId: scanId ?? before.scanId }, event: 'resolved' };
  }
  if (before.unverifiable?.reason === reason) return undefined;
  const since = before.unverifiable?.since ?? now;
  const event = before.unverifiable === undefined ? 'became_unverifiable' : undefined;
  return { before, after: { ...before, unverifiable: { reason, since } }, event };
}

function factsOf({
  kind,
  statement,
}: Deviation): Pick<ItemState, 'kind' | 'statementId' | 'owner' | 'ticket'> {
  return { kind, statementId: statement?.id, owner: statement?.owner, ticket: statement?.ticket };
}

/** Opening and resolving so often within the window is flapping. */
export const flappingEpisodes = 3;
export const flappingWindowMs = 7 * 86_400_000;
