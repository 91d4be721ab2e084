import { parseAddress, readAddress } from '../core/address.ts';
import { formatAddressSet, readAddressSet } from '../core/address-set.ts';
import type {
  CoverageGrouping,
  DriftEventFilter,
  DriftFilter,
  DriftGrouping,
  DriftItem,
  DriftPlace,
  Waiver,
  WaiverInput,
} from '../core/drift-model.ts';
import { formatPort, type PortSet, readPortSet } from '../core/endpoint.ts';
import { BadInput, NotFound, TargetRefused } from '../core/errors.ts';
import type { PageRequest } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import { refuseUnfitText } from '../core/settings.ts';
import type { ImportPlan, ImportResult } from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { countDriftItems, findDriftItems, pageOfDriftItems } from '../store/drift-items.ts';
import { countDriftEvents, pageOfDriftEvents } from '../store/drift-log.ts';
import { summariseDrift } from '../store/drift-summary.ts';
import { lockLog } from '../store/scan-writes.ts';
import { allScannerGroups } from '../store/scanner-groups.ts';
import type { Database, Session } from '../store/session.ts';
import { findTargetSource } from '../store/target-sources.ts';
import {
  acknowledgeItems,
  allWaivers,
  appendWaiverEvents,
  extendWaiver,
  findWaiver,
  insertWaiver,
  type NewWaiver,
  revokeWaiver,
  type WaiverNews,
} from '../store/waivers.ts';
import { wake } from '../store/wakeups.ts';
import { complianceOf, countUnscanned, coverageOf, pageOfUnscanned, verifyDrift } from './drift-questions.ts';
import { importInventory } from './target-import.ts';

/** What deviates from what should be, and what nobody can say. */
export function driftOf(database: Database, now: () => Instant) {
  return {
    items: {
      page: (filter: DriftFilter, request: PageRequest, asOf?: Instant) =>
        pageOfDriftItems(database, { filter, request, moment: { now: now(), asOf } }),
      count: (filter: DriftFilter, asOf?: Instant) => countDriftItems(database, filter, { now: now(), asOf }),
      find: async (id: number) => (await findDriftItems(database, [id], now()))[0],
    },
    summary: (filter: DriftFilter, groupBy: DriftGrouping, asOf?: Instant) =>
      summariseDrift(database, { filter, groupBy, moment: { now: now(), asOf } }),
    coverage: (place: DriftPlace, groupBy: CoverageGrouping) =>
      coverageOf(database, { place, groupBy, now: now() }),
    unscanned: {
      page: (place: DriftPlace, request: PageRequest) =>
        pageOfUnscanned(database, { place, request, now: now() }),
      count: (place: DriftPlace) => countUnscanned(database, place, now()),
    },
    complianceOf: (addressSpaceId: number, address: string) =>
      complianceOf(database, { addressSpaceId, address, now: now() }),
    acknowledge: (ids: readonly number[], by: { readonly actor: string; readonly note: string }) =>
      acknowledge(database, { ids, by, now: now() }),
    waivers: waiversOf(database, now),
    acceptIntoTarget: (ids: readonly number[], to: Acceptance) =>
      acceptIntoTarget(database, { ids, to, now: now() }),
    events: {
      page: (filter: DriftEventFilter, request: PageRequest) => pageOfDriftEvents(database, filter, request),
      count: (filter: DriftEventFilter) => countDriftEvents(database, filter),
    },
    verify: (place: DriftPlace) => verifyDrift(database, place, now()),
  };
}

function waiversOf(database: Database, now: () => Instant) {
  return {
    all: (addressSpaceId?: number) => allWaivers(database, addressSpaceId),
    find: (id: number) => findWaiver(database, id),
    create: (input: WaiverInput) => createWaiver(database, input, now()),
    extend: (id: number, expiresAt: Instant) =>
      database.transaction(async (session) => {
        await lockLog(session);
        const known = await requireWaiver(session, id);
        if (known.revokedAt !== undefined) {
          throw new BadInput(`The waiver ${id} was revoked: make a new one`, 'id');
        }
        refusePast(expiresAt, now());
        const wasTold = await extendWaiver(session, id, expiresAt);
        if (wasTold) await tell(session, { waiverId: id, kind: 'waived', cause: 'policy_change', at: now() });
        return requireWaiver(session, id);
      }),
    revoke: (id: number) =>
      database.transaction(async (session) => {
        await lockLog(session);
        await requireWaiver(session, id);
        const wasTold = await revokeWaiver(session, id, now());
        const news = { waiverId: id, kind: 'waiver_expired', cause: 'policy_change', at: now() } as const;
        if (!wasTold) await tell(session, news);
        return requireWaiver(session, id);
      }),
  };
}

async function tell(session: Session, news: WaiverNews): Promise<void> {
  await appendWaiverEvents(session, news);
  await wake(session);
}

async function requireWaiver(session: Session, id: number): Promise<Waiver> {
  const found = await findWaiver(session, id);
  if (found === undefined) throw new NotFound(`There is no waiver ${id}`);
  return found;
}

function refusePast(expiresAt: Instant, now: Instant): void {
  if (expiresAt > now) return;
  throw new BadInput('The waiver would have ended already: give a future time', 'expiresAt');
}

function refuseBlank(text: string, field: string): void {
  if (text.trim() === '')
    throw new BadInput(`"${field}" is empty: whoever reads it later wants to know`, field);
  refuseUnfitText(text, { field, charactersMax: limits.descriptionCharactersMax });
}

function createWaiver(database: Database, input: WaiverInput, now: Instant): Promise<Waiver> {
  refuseBlank(input.reason, 'reason');
  refuseBlank(input.owner, 'owner');
  refuseUnfitText(input.ticket, { field: 'ticket', charactersMax: limits.descriptionCharactersMax });
  refusePast(input.expiresAt, now);
  return database.transaction(async (session) => {
    const fresh = await newWaiver(session, input, now);
    await lockLog(session);
    const waiver = await insertWaiver(session, fresh);
    await tell(session, { waiverId: waiver.id, kind: 'waived', cause: 'policy_change', at: now });
    return waiver;
  });
}

async function newWaiver(session: Session, input: WaiverInput, now: Instant): Promise<NewWaiver> {
  const { itemId, reason, owner, ticket, expiresAt } = input;
  const shared = { reason, owner, ticket, createdAt: now, expiresAt };
  if (itemId !== undefined) {
    const item = await requireItem(session, itemId, now);
    const ports = item.port === undefined ? [] : [{ first: item.port, last: item.port }];
    const { addressSpaceId, scannerGroupId, address, side } = item;
    return { ...shared, addressSpaceId, scannerGroupId, network: address, ports, side, kind: undefined };
  }
  const { addressSpaceId, network } = input;
  if (addressSpaceId === undefined || network === undefined) {
    throw new BadInput('Say what is waived: an item, or an address space and a network', 'network');
  }
  return {
    ...shared,
    addressSpaceId,
    scannerGroupId: input.scannerGroupId,
    network: networkOf(network),
    ports: input.ports === undefined ? undefined : portsOf(input.ports),
    side: undefined,
    kind: input.kind,
  };
}

function networkOf(text: string): string {
  const reading = readAddressSet([text]);
  const [only] = reading.ok ? formatAddressSet(reading.addresses) : [];
  const said = `"network" is "${text.slice(0, 80)}"`;
  if (only === undefined || only.includes('-')) {
    const reason = reading.ok ? 'it is not one network' : reading.reason;
    throw new BadInput(`${said}: ${reason}; write 192.0.2.0/24`, 'network');
  }
  const host = hostWithin(text, only);
  if (host === undefined) return only;
  throw new BadInput(
    `${said}, which has bits beyond its prefix: write ${only} for the whole network, or ${host} for the host alone`,
    'network',
  );
}

/** The host that `10.0.0.1/24` names besides its network: one cannot know which of them is meant. */
function hostWithin(text: string, network: string): string | undefined {
  const [address = '', prefix] = text.trim().split('/');
  const host = prefix === undefined ? undefined : parseAddress(address);
  return host === undefined || network.split('/')[0] === host ? undefined : host;
}

function portsOf(text: string): PortSet {
  if (text.trim() === 'host') return [];
  const reading = readPortSet(text);
  if (reading.ok) return reading.ports;
  throw new BadInput(`"ports": ${reading.reason}; write 22,80-90/tcp,53/udp`, 'ports');
}

async function requireItem(session: Session, id: number, now: Instant): Promise<DriftItem> {
  const [found] = await findDriftItems(session, [id], now);
  if (found === undefined) throw new NotFound(`There is no drift item ${id}`);
  return found;
}

async function acknowledge(
  database: Database,
  {
    ids,
    by,
    now,
  }: { ids: readonly number[]; by: { readonly actor: string; readonly note: string }; now: Instant },
): Promise<DriftItem[]> {
  refuseBlank(by.actor, 'actor');
  refuseUnfitText(by.note, { field: 'note', charactersMax: limits.descriptionCharactersMax });
  refuseMany(ids);
  return database.transaction(async (session) => {
    await lockLog(session);
    const items = await findDriftItems(session, ids, now);
    refuseUnknown(ids, items);
    await acknowledgeItems(session, { ids, actor: by.actor, note: by.note, now });
    await wake(session);
    return findDriftItems(session, ids, now);
  });
}

function refuseMany(ids: readonly number[]): void {
  if (ids.length >= 1 && ids.length <= limits.driftItemsChangedMax) return;
  throw new BadInput(
    `There are ${ids.length} items: name 1 to ${limits.driftItemsChangedMax} at a time`,
    'ids',
  );
}

function refuseUnknown(ids: readonly number[], items: readonly DriftItem[]): void {
  const unknown = ids.find((id) => !items.some((item) => item.id === id));
  if (unknown !== undefined) throw new NotFound(`There is no drift item ${unknown}`);
}

interface Acceptance {
  readonly sourceId: number;
  readonly actor: string;
  readonly reason: string;
  readonly validUntil?: Instant;
}

/** Writes statements that declare what is, into a source of one's choice. */
async function acceptIntoTarget(
  database: Database,
  { ids, to, now }: { ids: readonly number[]; to: Acceptance; now: Instant },
): Promise<ImportResult> {
  refuseBlank(to.actor, 'actor');
  refuseBlank(to.reason, 'reason');
  refuseMany(ids);
  const items = await findDriftItems(database, ids, now);
  refuseUnknown(ids, items);
  refuseResolved(items);
  refuseEnded(to, now);
  const { sourceId, actor, reason } = to;
  await refuseElsewhere(database, sourceId, items);
  const views = new Map((await allScannerGroups(database)).map(({ id, name }) => [id, name]));
  const lines = items.map((item) =>
    JSON.stringify(acceptedStatement(item, views.get(item.scannerGroupId) ?? '*', to)),
  );
  const request = { sourceId, actor, reason, mode: 'patch', format: 'expectations-jsonl' } as const;
  const accept = (dryRun: boolean) =>
    importInventory(database, { request: { ...request, dryRun }, inventory: bytesOf(lines), now });
  refuseRejected((await accept(true)).plan);
  const result = await accept(false);
  const after = await findDriftItems(database, ids, now);
  const stillOpenIds = after.filter(({ state }) => state === 'open').map(({ id }) => id);
  return { ...result, stillOpenIds };
}

async function* bytesOf(lines: readonly string[]): AsyncGenerator<Uint8Array> {
  yield Buffer.from(`${lines.join('\n')}\n`);
}

function refuseResolved(items: readonly DriftItem[]): void {
  const resolved = items.find(({ state }) => state === 'resolved');
  if (resolved === undefined) return;
  throw new BadInput(`The drift item ${resolved.id} is resolved: there is nothing to accept any more`, 'ids');
}

function refuseEnded({ validUntil }: Acceptance, now: Instant): void {
  if (validUntil === undefined || validUntil > now) return;
  throw new BadInput('What is accepted would have ended already: give a future time', 'validUntil');
}

async function refuseElsewhere(
  session: Session,
  sourceId: number,
  items: readonly DriftItem[],
): Promise<void> {
  const source = await findTargetSource(session, sourceId);
  if (source === undefined) throw new NotFound(`There is no target source ${sourceId}`);
  if (items.every(({ addressSpaceId }) => addressSpaceId === source.addressSpaceId)) return;
  throw new BadInput(
    `The source "${source.name}" declares for another address space: choose one of the items' own`,
    'sourceId',
  );
}

/** Of what is accepted nothing is left out. Throws TargetRefused. */
function refuseRejected({ counts, rejected }: ImportPlan): void {
  if (counts.rejected === 0) return;
  throw new TargetRefused(
    'UNREADABLE_ROWS',
    `${counts.rejected} items cannot be accepted, the first because ${rejected[0]?.reason}. Choose another source, or other items.`,
    { rows: rejected },
  );
}

/** What is open becomes allowed, what is not need not be; a host that is up, or gone, is optional. */
function acceptedStatement(item: DriftItem, view: string, { reason, validUntil }: Acceptance): object {
  const { address, port } = item;
  const reading = readAddress(address);
  const what = port === undefined ? 'host' : formatPort(port);
  return {
    externalId: `accepted ${address} ${view} ${what}`,
    selector: reading.ok ? reading.address : address,
    view,
    ...(port === undefined ? {} : { ports: what }),
    expect: port === undefined ? 'optional' : 'allowed',
    description: reason.slice(0, limits.inventoryTextCharactersMax),
    ...(item.owner === undefined ? {} : { owner: item.owner }),
    ...(validUntil === undefined ? {} : { validUntil: new Date(validUntil).toISOString() }),
  };
}
