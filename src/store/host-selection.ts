import { type SQL, sql } from 'drizzle-orm';
import { addressesOfFilter } from '../core/address-filter.ts';
import type { AddressSet } from '../core/address-set.ts';
import { BadInput } from '../core/errors.ts';
import type { EndpointFilter, EndpointVerdict, HostFilter, Scanner } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { HostState } from '../core/state.ts';
import { limits } from '../limits.ts';
import { isInside } from './address-conditions.ts';
import { allOf } from './page.ts';
import { hasPort, portRanges } from './port-conditions.ts';
import { scannersInService } from './scanners.ts';
import type { Session } from './session.ts';
import { list } from './statement.ts';

/** What a selection means for a past moment, which the log tells. */
export interface PastSelection {
  readonly asOf: Instant;
  /** What at least one row of `change` must meet. */
  readonly condition: SQL;
  /** Whether the states of the asked scanners as of then are meant; the condition alone leaves too many. */
  readonly fits: (states: readonly HostState[]) => boolean;
}

/** Which hosts are meant, with everything looked up that the filter names. */
export interface HostSelection {
  /** Ids of the address spaces, ascending. */
  readonly spaces: readonly number[];
  /** All scanners in service, by id: they have views. */
  readonly scanners: ReadonlyMap<number, Scanner>;
  /** Whose views are asked. */
  readonly asked: ReadonlySet<number>;
  readonly addresses: AddressSet | undefined;
  /** What at least one row of `host_state` by an asked scanner must meet. */
  readonly condition: SQL;
  /** What is meant instead where the past is asked. */
  readonly past?: PastSelection;
}

/**
 * The hosts that a filter means: one view of an asked scanner must have the status, the open ports and the pending
 * mark; the name may be known to another. Throws BadInput.
 */
export async function selectHosts(session: Session, filter: HostFilter): Promise<HostSelection> {
  const { statuses, openPorts, pending, name } = filter;
  const conditions = [
    statuses && sql`host_state.status = any(${list(statuses, 'text')})`,
    statuses || pending ? undefined : sql`host_state.status <> 'down'`,
    pending === undefined ? undefined : sql`${isStatusPending} = ${pending}`,
    openPorts && sql`host_state.status = 'up'`,
    openPorts &&
      sql`(
        ${hasPort(sql`host_state.open`, openPorts)}
        or (host_state.open_ranges is not null and host_state.open_ranges && ${portRanges(openPorts)})
      )`,
  ];
  return select(session, filter, { conditions, anywhere: [isNamed(name)] });
}

/** Looks contradict the status, and not only a port or the names: the text of a state says so behind its scan. */
const isStatusPending = sql`(
  host_state.pending and host_state.state ~ '^\\{"s":"[a-z]+","t":-?[0-9]+,"c":[0-9]+,"k":'
)`;

/**
 * The hosts that may have endpoints which the filter means; which have is decided in the process. The endpoint may be
 * open for one asked scanner, and pending or of that service for another. Throws BadInput.
 */
export async function selectHostsOfEndpoints(
  session: Session,
  filter: EndpointFilter,
): Promise<HostSelection> {
  const { ports, verdicts, pending, service, name } = filter;
  const conditions = [keepsPorts(ports, verdicts), verdicts && verdictCondition(verdicts)];
  const isPending: RowCondition | undefined = pending ? (row) => sql`${row}.pending` : undefined;
  return select(session, filter, { conditions, anywhere: [isPending, mentions(service), isNamed(name)] });
}

/** A condition on a row of `host_state` that goes by some name. */
type RowCondition = (row: SQL) => SQL;

interface Conditions {
  /** One row must meet all of these. */
  readonly conditions: readonly (SQL | undefined)[];
  /** Any row of the host by an asked scanner may meet each of these. */
  readonly anywhere: readonly (RowCondition | undefined)[];
}

async function select(
  session: Session,
  filter: Pick<HostFilter, 'addressSpaceIds' | 'networks' | 'families' | 'scannerIds' | 'scannerGroupIds'>,
  { conditions, anywhere }: Conditions,
): Promise<HostSelection> {
  const addresses = addressesOfFilter(filter);
  const scanners = await scannersInService(session);
  const meant = askedScanners(scanners, filter);
  const asked = meant.map(({ id }) => id);
  return {
    spaces: spacesOf(meant),
    scanners,
    asked: new Set(asked),
    addresses,
    condition: allOf([
      sql`host_state.scanner_id = any(${list(asked, 'integer')})`,
      isInside(sql`host_state.address`, addresses),
      ...conditions,
      ...anywhere.map((condition) => condition && isMetBy(condition, asked)),
    ]),
  };
}

/** The scanners whose views a filter means. */
export function askedScanners(
  scanners: ReadonlyMap<number, Scanner>,
  {
    addressSpaceIds,
    scannerIds,
    scannerGroupIds,
  }: Pick<HostFilter, 'addressSpaceIds' | 'scannerIds' | 'scannerGroupIds'>,
): Scanner[] {
  return [...scanners.values()]
    .filter(({ addressSpaceId }) => addressSpaceIds?.includes(addressSpaceId) ?? true)
    .filter(({ id }) => scannerIds?.includes(id) ?? true)
    .filter(({ groupId }) => scannerGroupIds?.includes(groupId) ?? true);
}

/** The address spaces in which they look, ascending: in the others nobody knows a host. */
export function spacesOf(scanners: readonly Scanner[]): number[] {
  return [...new Set(scanners.map(({ addressSpaceId }) => addressSpaceId))].sort((a, b) => a - b);
}

/** Whether any row of the host by an asked scanner meets the condition; with one scanner there is one row. */
function isMetBy(condition: RowCondition, asked: readonly number[]): SQL {
  if (asked.length === 1) return condition(sql`host_state`);
  return sql`exists (
    select
    from host_state as other
    where other.address_space_id = host_state.address_space_id
      and other.address = host_state.address
      and other.scanner_id = any(${list(asked, 'integer')})
      and ${condition(sql`other`)}
  )`;
}

function isNamed(name: string | undefined): RowCondition | undefined {
  if (name === undefined) return undefined;
  const part = sql`lower(${checkText(name, 'name')}::text)`;
  return (row) => sql`exists (
    select from unnest(${row}.names) as known (name) where strpos(lower(known.name), ${part}) > 0
  )`;
}

/** A text of a filter. Throws BadInput. */
export function checkText(text: string, field: string): string {
  if (text.length > limits.filterCharactersMax) {
    const said = `"${field}" has ${text.length} characters`;
    throw new BadInput(`${said}: give a part of at most ${limits.filterCharactersMax}`, field);
  }
  if (/[\0\p{Cs}]/u.test(text))
    throw new BadInput(`"${field}" has a character that is none: take it out`, field);
  return text;
}

function keepsPorts(ports: EndpointFilter['ports'], verdicts: readonly EndpointVerdict[] | undefined): SQL {
  const isOpenOnly = verdicts?.every((verdict) => verdict === 'open') ?? false;
  const open = sql`host_state.open`;
  const shut = sql`host_state.shut`;
  const ranges = sql`host_state.open_ranges`;
  if (ports === undefined) {
    return sql`(${open} <> '{}' or ${ranges} is not null ${isOpenOnly ? sql`` : sql`or ${shut} <> '{}'`})`;
  }
  return sql`(
    ${hasPort(open, ports)}
    or (${ranges} is not null and ${ranges} && ${portRanges(ports)})
    ${isOpenOnly ? sql`` : sql`or (${shut} <> '{}' and ${hasPort(shut, ports)})`}
  )`;
}

/** A row by which an endpoint may have one of the verdicts. */
function verdictCondition(verdicts: readonly EndpointVerdict[]): SQL | undefined {
  const [open, notOpen, unknown] = (['open', 'not_open', 'unknown'] as const).map((verdict) =>
    verdicts.includes(verdict),
  );
  if (open) return notOpen || unknown ? undefined : sql`host_state.status = 'up'`;
  if (notOpen) return sql`(host_state.status <> 'up' or host_state.shut <> '{}')`;
  return sql`${unknown ?? false} and host_state.status <> 'up'`;
}

/** Whether the state's text has the words: a cheap look before it is decoded. */
function mentions(service: string | undefined): RowCondition | undefined {
  if (service === undefined) return undefined;
  const text = JSON.stringify(checkText(service, 'service')).slice(1, -1);
  if (/[^\x20-\x7e]/.test(service)) return undefined; // Databases differ in what they call the same letter.
  return (row) => sql`strpos(lower(${row}.state), lower(${text}::text)) > 0`;
}
