import { type SQL, sql } from 'drizzle-orm';
import { addressesOfFilter } from '../core/address-filter.ts';
import { changeCode } from '../core/change.ts';
import type { PortSet } from '../core/endpoint.ts';
import type { PastFilter } from '../core/history.ts';
import type { Instant } from '../core/observation.ts';
import { isInside } from './address-conditions.ts';
import { allAddressSpaces } from './address-spaces.ts';
import { refusePruned } from './host-bases.ts';
import { allOf } from './page.ts';
import { type PastHost, readPast } from './past-hosts.ts';
import { hasPort } from './port-conditions.ts';
import { allScanners } from './scanners.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** Whose logs a question about the past is about. */
export interface PastScope {
  /** Scanners in service by address space. */
  readonly spaces: readonly { readonly addressSpaceId: number; readonly scannerIds: readonly number[] }[];
  readonly condition: SQL | undefined;
}

/** The address spaces, scanners and addresses of a filter, for questions from a moment on. Throws BadInput. */
export async function scopeOfPast(session: Session, filter: PastFilter, from: Instant): Promise<PastScope> {
  const { addressSpaceIds, scannerIds, scannerGroupIds } = filter;
  const [spaces, scanners] = await Promise.all([allAddressSpaces(session), allScanners(session)]);
  const asked = scanners
    .filter(({ retiredAt }) => retiredAt === undefined)
    .filter(({ id }) => scannerIds?.includes(id) ?? true)
    .filter(({ groupId }) => scannerGroupIds?.includes(groupId) ?? true);
  const addresses = addressesOfFilter(filter);
  await refusePruned(session, { scannerIds: asked.map(({ id }) => id), addresses, at: from });
  return {
    spaces: spaces
      .filter(({ id }) => addressSpaceIds?.includes(id) ?? true)
      .map(({ id }) => ({
        addressSpaceId: id,
        scannerIds: asked.filter(({ addressSpaceId }) => addressSpaceId === id).map((scanner) => scanner.id),
      }))
      .filter(({ scannerIds: own }) => own.length > 0),
    condition: isInside(sql`change.address`, addresses),
  };
}

/** What holds of the log between two moments, the second included, of one address space. */
export function readBetween(
  session: Session,
  scope: { readonly addressSpaceId: number; readonly scannerIds: readonly number[] },
  {
    from,
    to,
    condition,
  }: { readonly from: Instant; readonly to: Instant; readonly condition: SQL | undefined },
): Promise<PastHost[]> {
  return readPast(session, {
    ...scope,
    asOf: to,
    condition: allOf([sql`change.at > ${instantText(from)}::text::timestamptz`, condition]),
  });
}

/** What decides over time whether one of the ports is open: of hosts where one ever was. */
export function readPortHistories(
  session: Session,
  scope: { readonly addressSpaceId: number; readonly scannerIds: readonly number[] },
  {
    ports,
    to,
    condition,
  }: { readonly ports: PortSet; readonly to: Instant; readonly condition: SQL | undefined },
): Promise<PastHost[]> {
  const { port_opened, port_reopened, port_closed, host_new, host_gone, host_returned } = changeCode;
  const ofPorts = list([port_opened, port_reopened, port_closed], 'smallint');
  const ofHosts = list([host_new, host_gone, host_returned], 'smallint');
  const isOfPort = sql`(change.kind = any(${ofPorts}) and ${hasPort(sql`change.ports`, ports)})`;
  const ever = sql`
    select distinct change.address
    from change
    where ${allOf([sql`change.address_space_id = ${scope.addressSpaceId}`, isOfPort, condition])}
  `;
  return readPast(session, {
    ...scope,
    asOf: to,
    condition: allOf([
      sql`(${isOfPort} or change.kind = any(${ofHosts}))`,
      sql`change.address in (${ever})`,
      condition,
    ]),
  });
}
