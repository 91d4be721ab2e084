import type { Address } from './address.ts';
import { agree } from './agreement.ts';
import type { PortKey } from './endpoint.ts';
import type { EndpointVerdict, EndpointView } from './model.ts';
import type { Instant } from './observation.ts';

/** What one group says of an endpoint. */
export interface VantageCell {
  readonly groupId: number;
  readonly verdict: EndpointVerdict;
  /** The latest complete look of any of its scanners at the endpoint. */
  readonly lastVerifiedAt?: Instant;
  readonly views: readonly EndpointView[];
}

/** One endpoint as the groups see it, side by side. Different answers of different groups are normal. */
export interface VantageRow {
  readonly addressSpaceId: number;
  readonly address: Address;
  readonly port: PortKey;
  readonly cells: readonly VantageCell[];
}

/** Which rows are wanted: open as seen from all of these, and not open as seen from all of those. */
export interface VantageFilter {
  readonly openIn?: readonly number[];
  readonly notOpenIn?: readonly number[];
}

/** The cells of an endpoint, one for each group, in the order of the groups. */
export function cellsOf(
  views: readonly EndpointView[],
  groups: readonly { readonly id: number; readonly scannerIds: ReadonlySet<number> }[],
): VantageCell[] {
  return groups.map(({ id, scannerIds }) => {
    const own = views.filter(({ scannerId }) => scannerIds.has(scannerId));
    const times = own.flatMap(({ lastVerifiedAt }) => (lastVerifiedAt === undefined ? [] : [lastVerifiedAt]));
    return {
      groupId: id,
      verdict: agree(own.map(({ verdict }) => verdict)),
      ...(times.length === 0 ? {} : { lastVerifiedAt: Math.max(...times) }),
      views: own,
    };
  });
}

/** Whether the groups see the endpoint as the filter wants it. What nobody knows is neither open nor not open. */
export function fitsVantage(
  cells: readonly VantageCell[],
  { openIn = [], notOpenIn = [] }: VantageFilter,
): boolean {
  const has = (groupId: number, verdict: EndpointVerdict) =>
    cells.some((cell) => cell.groupId === groupId && cell.verdict === verdict);
  return openIn.every((id) => has(id, 'open')) && notOpenIn.every((id) => has(id, 'not_open'));
}
