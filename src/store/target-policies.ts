import { sql } from 'drizzle-orm';
import { BadInput, NotFound } from '../core/errors.ts';
import { formatSelector, parseSelector } from '../core/selector.ts';
import { readWhole } from '../core/settings.ts';
import { neverStale, type Undeclared } from '../core/target.ts';
import type { TargetPolicy, TargetPolicyInput } from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { brokenRule } from './refusals.ts';
import type { Session } from './session.ts';

const columns = sql`
  id,
  address_space_id as "addressSpaceId",
  selector,
  scanner_group_id as "view",
  undeclared_ports as "undeclaredPorts",
  undeclared_hosts as "undeclaredHosts",
  assess_services as "assessServices",
  stale_after_seconds as "staleAfterSeconds"
`;

interface PolicyRow {
  readonly id: number;
  readonly addressSpaceId: number;
  readonly selector: string;
  readonly view: number | null;
  readonly undeclaredPorts: Undeclared;
  readonly undeclaredHosts: Undeclared;
  readonly assessServices: boolean;
  readonly staleAfterSeconds: number | null;
}

function toPolicy({ selector, view, staleAfterSeconds, ...row }: PolicyRow): TargetPolicy {
  return {
    ...row,
    selector: parseSelector(selector),
    ...(view === null ? {} : { view }),
    ...(staleAfterSeconds === null ? {} : { staleAfterSeconds }),
  };
}

/** All policies, by id; only those of one address space. */
export async function allPolicies(session: Session, addressSpaceId?: number): Promise<TargetPolicy[]> {
  const rows = await session.rows<PolicyRow>(sql`
    /* allPolicies */
    select ${columns}
    from target_policy
    where ${addressSpaceId === undefined ? sql`true` : sql`address_space_id = ${addressSpaceId}`}
    order by id
    limit ${limits.smallTableRowsMax}
  `);
  return rows.map(toPolicy);
}

/**
 * Sets the policy of a selector and view. What is left out stays; of a new policy, what is undeclared is `drift`, and
 * services are not assessed. Throws BadInput, NotFound.
 */
export async function setPolicy(session: Session, input: TargetPolicyInput): Promise<TargetPolicy> {
  const { addressSpaceId, undeclaredPorts = null, undeclaredHosts = null, assessServices = null } = input;
  const { staleAfterSeconds } = input;
  const selector = selectorText(input.selector);
  const stale =
    staleAfterSeconds === undefined || staleAfterSeconds === null
      ? null
      : readWhole(staleAfterSeconds, 'staleAfterSeconds', { min: neverStale, max: limits.settingSecondsMax });
  const [row] = await session
    .rows<PolicyRow>(sql`
      /* setPolicy */
      insert into target_policy
        (address_space_id, selector, scanner_group_id, undeclared_ports, undeclared_hosts, assess_services,
          stale_after_seconds)
      values (
        ${addressSpaceId}, ${selector}, ${input.scannerGroupId ?? null}::integer,
        coalesce(${undeclaredPorts}, 'drift'), coalesce(${undeclaredHosts}, 'drift'),
        coalesce(${assessServices}::boolean, false), ${stale}::integer
      )
      on conflict (address_space_id, selector, scanner_group_id) do update set
        undeclared_ports = coalesce(${undeclaredPorts}, target_policy.undeclared_ports),
        undeclared_hosts = coalesce(${undeclaredHosts}, target_policy.undeclared_hosts),
        assess_services = coalesce(${assessServices}::boolean, target_policy.assess_services),
        stale_after_seconds = ${
          staleAfterSeconds === undefined ? sql`target_policy.stale_after_seconds` : sql`${stale}::integer`
        }
      returning ${columns}
    `)
    .catch((error: unknown) => {
      if (brokenRule(error) !== 'reference') throw error;
      throw new NotFound(
        `There is no address space ${addressSpaceId}, or no scanner group ${input.scannerGroupId}`,
      );
    });
  if (row === undefined) throw new NotFound('The policy could not be set');
  return toPolicy(row);
}

function selectorText(text: string): string {
  const selector = parseSelectorOf(text);
  return formatSelector(selector);
}

function parseSelectorOf(text: string) {
  try {
    return parseSelector(text.trim());
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new BadInput(
      `"selector" is "${text.slice(0, 80)}": ${error.message}; write 192.0.2.7, 192.0.2.0/24, group:web or *`,
      'selector',
    );
  }
}

/** Removes a policy. Throws NotFound. */
export async function removePolicy(session: Session, id: number): Promise<TargetPolicy> {
  const [row] = await session.rows<PolicyRow>(sql`
    /* removePolicy */
    delete from target_policy where id = ${id}::bigint returning ${columns}
  `);
  if (row === undefined) throw new NotFound(`There is no policy ${id}`);
  return toPolicy(row);
}
