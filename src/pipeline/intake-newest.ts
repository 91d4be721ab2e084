import { countPorts } from '../core/endpoint.ts';
import { fold } from '../core/fold.ts';
import { decodeState, encodeState, type HostState, isPending, unseenHost } from '../core/state.ts';
import type { FoldingContext, Item } from './intake-item.ts';
import { absentDigest } from './intake-known.ts';
import { tallyChanges, tallyOwn } from './intake-tally.ts';

/** Folds the hosts of a scan that is the newest of its scanner: one step on top of the stored states. */
export async function foldNewest(items: readonly Item[], context: FoldingContext): Promise<void> {
  const { store, tally } = context;
  const open: Item[] = [];
  for (const item of items) {
    if (item.known?.digest === item.digest && !item.known.mustFold) {
      if (item.text !== '') tally.hostsUnchanged += 1;
    } else open.push(item);
  }
  const stateful = open.filter(({ known }) => known?.hasState).map(({ address }) => address);
  const rows = stateful.length === 0 ? [] : await store.states(stateful);
  const states = new Map(rows.map(({ address, state }) => [address, state]));
  for (const item of open) {
    if (context.request.assumptions.hold) holdItem(item, context);
    else foldItem(item, states.get(item.address), context);
  }
}

/** Keeps what the scan says, and concludes nothing: the host is folded anew with the next scan, or when it is released. */
export function holdItem(item: Item, context: FoldingContext): void {
  const { known, text } = item;
  if (known === undefined && text === '') return;
  writeRun(item, context);
  context.rows.head(headOf(item, true), known?.digest === undefined);
}

function foldItem(item: Item, stored: string | undefined, context: FoldingContext): void {
  const { request, rows, tally } = context;
  const { address, known } = item;
  const look = {
    scan: request.scan,
    at: request.assumptions.at,
    profile: item.profile,
    content: item.content,
    ...(item.observedAt === undefined ? {} : { observedAt: item.observedAt }),
  };
  const { state, changes } = fold(stored === undefined ? unseenHost : decodeState(stored), {
    look,
    before: context.coveredBefore(address),
    thresholds: request.thresholds,
  });
  const kept = isKept(state);
  const text = kept ? encodeState(state) : undefined;
  const isChanged = text !== stored;
  if (isChanged && text !== undefined) rows.state(address, { state, text }, stored === undefined);
  else if (isChanged) rows.dropState(address);
  if (changes.length > 0) rows.changes({ address, scan: request.scan }, changes);
  tallyChanges(tally, changes);
  tallyOwn(tally, changes);
  writeRun(item, context);
  // What other profiles said last was settled on the state as it was.
  if (isChanged) rows.unsettle(address);
  if (!kept && item.text === '' && known?.digest === undefined) return;
  rows.head(headOf(item, isPending(state)), known?.digest === undefined);
}

/** Not listed is what holds without any run. */
function writeRun({ address, text, digest, known, ...item }: Item, { rows, request }: FoldingContext): void {
  if ((known?.digest ?? absentDigest) === digest) return;
  const { profileId, observedAt, reason } = item;
  const { scan, assumptions } = request;
  rows.run({ address, profileId, scan, at: assumptions.at, observedAt, reason, content: text });
}

/** Whether a state says more than "never seen up", so that it is worth a row. */
export function isKept(state: HostState): boolean {
  return state.firstSeen !== undefined || state.streak !== undefined;
}

/** The head for what an item says. */
export function headOf(item: Item, mustFold: boolean) {
  const { profileId, address, digest, recordDigest, content } = item;
  const up = content.status === 'up';
  return { profileId, address, digest, recordDigest, up, openPorts: countPorts(content.open), mustFold };
}
