import type { Address } from '../core/address.ts';
import { type Assessment, assessHost, portsToAssess } from '../core/drift.ts';
import { stepItems } from '../core/drift-step.ts';
import type { HostTarget, TargetIndex } from '../core/expectation.ts';
import { sightOf, staleAt } from '../core/host-sight.ts';
import type { Instant } from '../core/observation.ts';
import type { Evidence } from '../core/views.ts';
import { limits } from '../limits.ts';
import { readViewHosts, type Watch, watchesOf, writeWatches } from '../store/drift-hosts.ts';
import {
  type EventOrigin,
  type HostStep,
  itemsOfHosts,
  type StoredItem,
  writeSteps,
} from '../store/drift-writes.ts';
import type { Reader } from '../store/evidence.ts';
import { type GroupOfScanners, openInAny, sideBySide } from '../store/side-by-side.ts';

/** Which view is assessed, against what, and why. */
export interface Assessing {
  readonly reader: Reader;
  readonly index: TargetIndex;
  readonly view: GroupOfScanners;
  readonly origin: EventOrigin;
}

/** What assessing a host found, and what becomes of its items. */
export interface Judgement {
  readonly address: Address;
  readonly target: HostTarget;
  readonly assessment: Assessment;
  readonly items: readonly StoredItem[];
  readonly steps: readonly HostStep['step'][];
  readonly watch: Watch | undefined;
}

/** What assessing hosts came to. */
export interface AssessCounts {
  /** Hosts. */
  assessed: number;
  /** Items that opened or reopened, that resolved, and of the latter those about what was forbidden. */
  opened: number;
  resolved: number;
  resolvedForbidden: number;
}

/** Before anything was assessed. */
export function noCounts(): AssessCounts {
  return { assessed: 0, opened: 0, resolved: 0, resolvedForbidden: 0 };
}

/** Adds to the counts what becomes of one item. */
export function countStep(counts: AssessCounts, { event, before }: HostStep['step']): void {
  if (event === 'opened' || event === 'reopened') counts.opened += 1;
  if (event !== 'resolved') return;
  counts.resolved += 1;
  if (before?.kind.endsWith('_forbidden') === true) counts.resolvedForbidden += 1;
}

/** Assesses hosts as seen from one view, and writes what changed. The log must be locked. */
export async function assessHosts(
  assessing: Assessing,
  addresses: readonly Address[],
): Promise<AssessCounts> {
  const { reader, view, origin } = assessing;
  const place = placeOf(view);
  const counts = { ...noCounts(), assessed: addresses.length };
  for await (const judgements of judgeInBatches(assessing, addresses)) {
    const steps = judgements.flatMap(({ address, steps: own }) => own.map((step) => ({ address, step })));
    await writeSteps(reader.session, place, { steps, origin });
    await keepWatches(assessing, judgements);
    for (const { step } of steps) countStep(counts, step);
  }
  return counts;
}

/** Judges any number of hosts, some at a time; writes nothing. */
export async function* judgeInBatches(
  assessing: Assessing,
  addresses: readonly Address[],
): AsyncGenerator<readonly Judgement[]> {
  for (let from = 0; from < addresses.length; from += limits.assessBatchMax) {
    yield await judgeHosts(assessing, addresses.slice(from, from + limits.assessBatchMax));
  }
}

/** Names a view where its drift is stored. */
export function placeOf({ addressSpaceId, id }: GroupOfScanners) {
  return { addressSpaceId, scannerGroupId: id };
}

/** Holds what a view sees of hosts against what is declared; writes nothing. */
export async function judgeHosts(
  { reader, index, view, origin }: Assessing,
  addresses: readonly Address[],
): Promise<Judgement[]> {
  const { session } = reader;
  const items = await itemsOfHosts(session, placeOf(view), addresses);
  const scannerIds = view.scanners.map(({ id }) => id);
  const wanted = { ...placeOf(view), scannerIds, withServices: index.assessesServices };
  const hosts = await readViewHosts(session, wanted, addresses);
  const targets = hosts.map(({ address }) => index.about(address, view.id, origin.at));
  const known = hosts.map(({ address }) => openPortsOf(items.get(address) ?? []));
  const compared = hosts.map((host, i) => ({
    host,
    ports: (states: Parameters<typeof openInAny>[0]) => [
      ...portsToAssess(targets[i] as HostTarget, openInAny(states)),
      ...(known[i] ?? []),
    ],
  }));
  const found = await sideBySide(reader, compared, view.scanners);
  return found.map(({ evidence }, i) =>
    judge({
      address: addresses[i] as Address,
      target: targets[i] as HostTarget,
      items: items.get(addresses[i] as Address) ?? [],
      known: known[i] ?? [],
      evidence,
      view,
      origin,
    }),
  );
}

function openPortsOf(items: readonly StoredItem[]): number[] {
  return items.flatMap(({ state, port }) => (state === 'open' && port !== undefined ? [port] : []));
}

interface Case {
  readonly address: Address;
  readonly target: HostTarget;
  readonly items: readonly StoredItem[];
  readonly known: readonly number[];
  readonly evidence: readonly Evidence[];
  readonly view: GroupOfScanners;
  readonly origin: EventOrigin;
}

function judge({ address, target, items, known, evidence, view, origin }: Case): Judgement {
  const staleAfter = target.policy?.staleAfterSeconds;
  const freshSince = staleAfter === undefined ? undefined : origin.at - staleAfter * 1000;
  const sight = sightOf(evidence, { freshSince, windowMs: view.agreementWindowSeconds * 1000 });
  const assessment = assessHost(target, sight, known);
  const { at: now, cause, scanId } = origin;
  const steps = stepItems(items, assessment, { now, cause, ...(scanId === undefined ? {} : { scanId }) });
  return { address, target, assessment, items, steps, watch: watchOf({ target, assessment, evidence, now }) };
}

/** When and why the host is to be assessed again although nothing new is known of it. */
function watchOf({
  target,
  assessment,
  evidence,
  now,
}: {
  target: HostTarget;
  assessment: Assessment;
  evidence: readonly Evidence[];
  now: Instant;
}): Watch | undefined {
  const { deviations, unverifiable, compliant, contested } = assessment;
  const isAssessed = deviations.length + unverifiable.length + compliant.length > 0;
  const staleAfter = target.policy?.staleAfterSeconds;
  const stale =
    !isAssessed || staleAfter === undefined ? undefined : staleAt(evidence, staleAfter * 1000, now);
  const times = [target.nextChangeAt, stale].filter((time) => time !== undefined);
  const dueAt = times.length === 0 ? undefined : Math.min(...times);
  const unknown = unverifiable.length > 0;
  return unknown || contested || dueAt !== undefined ? { unknown, contested, dueAt } : undefined;
}

/** Writes the watches that are other than before. */
async function keepWatches({ reader, view }: Assessing, judgements: readonly Judgement[]): Promise<void> {
  const { session } = reader;
  const place = placeOf(view);
  const stored = await watchesOf(
    session,
    place,
    judgements.map(({ address }) => address),
  );
  const changed = new Map<Address, Watch | undefined>();
  for (const { address, watch } of judgements) {
    if (!isSameWatch(stored.get(address), watch)) changed.set(address, watch);
  }
  await writeWatches(session, place, changed);
}

function isSameWatch(a: Watch | undefined, b: Watch | undefined): boolean {
  if (a === undefined || b === undefined) return a === b;
  return a.unknown === b.unknown && a.contested === b.contested && a.dueAt === b.dueAt;
}
