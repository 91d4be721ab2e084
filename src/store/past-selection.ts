import { type SQL, sql } from 'drizzle-orm';
import { addressesOfFilter } from '../core/address-filter.ts';
import { changeCode } from '../core/change.ts';
import type { PortSet } from '../core/endpoint.ts';
import { BadInput } from '../core/errors.ts';
import { contains } from '../core/intervals.ts';
import type { EndpointFilter, HostFilter } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { HostState } from '../core/state.ts';
import { isInside } from './address-conditions.ts';
import { refusePruned } from './host-bases.ts';
import {
  askedScanners,
  checkText,
  type HostSelection,
  type PastSelection,
  spacesOf,
} from './host-selection.ts';
import { allOf } from './page.ts';
import { hasPort } from './port-conditions.ts';
import { scannersInService } from './scanners.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** The hosts that a filter means as of a past moment. Throws BadInput. */
export function selectPastHosts(session: Session, filter: HostFilter, asOf: Instant): Promise<HostSelection> {
  const { openPorts, statuses = ['up', 'gone'] } = filter;
  return select(session, filter, {
    asOf,
    openPorts,
    fits: (states) =>
      states.some(
        (state) =>
          statuses.some((status) => status === state.status) &&
          (openPorts === undefined || hasOpen(state, openPorts)),
      ),
  });
}

/** The hosts that may have endpoints which the filter means as of a past moment. Throws BadInput. */
export function selectPastHostsOfEndpoints(
  session: Session,
  filter: EndpointFilter,
  asOf: Instant,
): Promise<HostSelection> {
  return select(session, filter, { asOf, openPorts: filter.ports, fits: () => true });
}

type Common = Pick<
  HostFilter,
  'addressSpaceIds' | 'networks' | 'families' | 'scannerIds' | 'scannerGroupIds' | 'name' | 'pending'
>;

async function select(
  session: Session,
  filter: Common,
  { asOf, openPorts, fits }: Pick<PastSelection, 'asOf' | 'fits'> & { openPorts: PortSet | undefined },
): Promise<HostSelection> {
  const { name } = filter;
  if (filter.pending !== undefined) {
    throw new BadInput('What was pending at a past moment is not kept: leave "pending" out', 'pending');
  }
  const addresses = addressesOfFilter(filter);
  const scanners = await scannersInService(session);
  const meant = askedScanners(scanners, filter);
  const asked = meant.map(({ id }) => id);
  await refusePruned(session, { scannerIds: asked, addresses, at: asOf });
  const condition = allOf([
    sql`change.scanner_id = any(${list(asked, 'integer')})`,
    sql`change.at <= ${instantText(asOf)}::text::timestamptz`,
    isInside(sql`change.address`, addresses),
    openPorts && opens(openPorts),
  ]);
  const isNamed = nameMatcher(name);
  return {
    spaces: spacesOf(meant),
    scanners,
    asked: new Set(asked),
    addresses,
    condition: sql`false`,
    past: { asOf, condition, fits: (states) => fits(states) && states.some(isNamed) },
  };
}

function opens(ports: PortSet): SQL {
  const codes = list([changeCode.port_opened, changeCode.port_reopened], 'smallint');
  return sql`(change.kind = any(${codes}) and ${hasPort(sql`change.ports`, ports)})`;
}

function nameMatcher(name: string | undefined): (state: HostState) => boolean {
  if (name === undefined) return () => true;
  const part = checkText(name, 'name').toLowerCase();
  return ({ names }) => names.some((known) => known.toLowerCase().includes(part));
}

function hasOpen({ status, endpoints }: HostState, ports: PortSet): boolean {
  if (status !== 'up') return false;
  for (const [port, { open }] of endpoints) if (open && contains(ports, port)) return true;
  return false;
}
