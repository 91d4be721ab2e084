import { addressAt } from '../core/address.ts';
import { type AddressSet, intersectAddresses, readAddressSet, setOfAddresses } from '../core/address-set.ts';
import { readPortSet } from '../core/endpoint.ts';
import { ReportRejected } from '../core/errors.ts';
import type { Look } from '../core/scope.ts';
import { coversAbsent, disjointLooks } from '../core/scope.ts';
import {
  partialProfile,
  profileOf,
  type ResolvedScope,
  resolveScope,
  type StatedScope,
} from '../core/scope-resolution.ts';
import type { ReadHints, RunEnd, RunHeader } from '../input/agent.ts';
import type { ScopeTexts } from './intake-messages.ts';

/** One part of a scan: what its report says of itself, and which hosts it lists. */
export interface Part {
  readonly header: RunHeader;
  end: RunEnd | undefined;
  readonly listed: Set<string>;
}

/** The scope of one part. Throws ReportRejected where the upload contradicts the report. */
export function scopeOf(
  header: RunHeader,
  { upload, scannerDefault }: { upload: ScopeTexts; scannerDefault: ScopeTexts },
): ResolvedScope {
  const resolution = resolveScope({
    upload: readScope(upload, 'upload'),
    report: header,
    scannerDefault: readScope(scannerDefault, 'default of the scanner'),
  });
  if (!resolution.ok) throw new ReportRejected('SCOPE_CONTRADICTS_REPORT', `${resolution.reason}.`);
  return resolution.scope;
}

/** What some tools leave out of their reports (zmap its port) is what was to be scanned. */
export function hintsOf({
  upload,
  scannerDefault,
}: {
  upload: ScopeTexts;
  scannerDefault: ScopeTexts;
}): ReadHints {
  const given = readScope(upload, 'upload');
  const usual = readScope(scannerDefault, 'default of the scanner');
  return { addresses: given.addresses ?? usual.addresses, ports: given.ports ?? usual.ports };
}

/** Reads a scope as people write it. Throws ReportRejected BAD_SCOPE. */
export function readScope({ addresses, ports }: ScopeTexts, source: string): StatedScope {
  const set = addresses === undefined ? undefined : readAddressSet(addresses);
  if (set?.ok === false) {
    throw new ReportRejected('BAD_SCOPE', `The ${source} has a bad address "${set.text}": ${set.reason}.`);
  }
  const portSet = ports === undefined ? undefined : readPortSet(ports);
  if (portSet?.ok === false) {
    throw new ReportRejected('BAD_SCOPE', `The ${source} has bad ports "${ports}": ${portSet.reason}.`);
  }
  return { addresses: set?.addresses, ports: portSet?.ports };
}

/** What all parts together looked at: looks that share no address. */
export function looksOfParts(parts: readonly Part[], scopes: readonly ResolvedScope[]): Look[] {
  return disjointLooks(
    parts.map(({ header, end, listed }, index) => {
      const scope = scopes[index] as ResolvedScope;
      const full = profileOf(scope, header);
      const isComplete = end?.complete === true;
      const profile = isComplete ? full : partialProfile(full);
      const addresses = coversAbsent(profile) && scope.addresses ? scope.addresses : listedIn(listed, scope);
      return { addresses, profile };
    }),
  );
}

function listedIn(listed: ReadonlySet<string>, { addresses }: ResolvedScope): AddressSet {
  const set = setOfAddresses(listed);
  return addresses === undefined ? set : intersectAddresses(set, addresses);
}

/** First and last address of each range. */
export function rangesOf(set: AddressSet): [first: string, last: string][] {
  return set.map(({ first, last }) => [addressAt(first), addressAt(last)]);
}
