import { type AddressSet, formatAddressSet } from './address-set.ts';
import { formatPortSet, type PortSet } from './endpoint.ts';
import { bigintLine, includes, numberLine } from './intervals.ts';
import type { AbsentMeaning, Profile, ScopeOrigin } from './scope.ts';

/** A scope of addresses and ports as far as one source states it. */
export interface StatedScope {
  readonly addresses?: AddressSet | undefined;
  readonly ports?: PortSet | undefined;
}

/** What a scan covers, and who says so. */
export interface ResolvedScope extends StatedScope {
  readonly addressOrigin: ScopeOrigin;
  readonly portOrigin: ScopeOrigin;
}

export type ScopeResolution =
  | { readonly ok: true; readonly scope: ResolvedScope }
  | { readonly ok: false; readonly reason: string };

/**
 * Where a scan's scope comes from, best first: the upload, the report, the scanner's default, the listed
 * hosts. An upload may narrow what the report states, never widen it: what was not scanned is not closed.
 */
export function resolveScope(sources: {
  upload: StatedScope;
  report: StatedScope;
  scannerDefault: StatedScope;
}): ScopeResolution {
  const { upload, report, scannerDefault } = sources;
  const contradiction = addressesBeyond(upload, report) ?? portsBeyond(upload, report);
  if (contradiction !== undefined) return { ok: false, reason: contradiction };
  const addresses = upload.addresses ?? report.addresses ?? scannerDefault.addresses;
  const ports = upload.ports ?? report.ports ?? scannerDefault.ports;
  return {
    ok: true,
    scope: {
      addresses,
      ports,
      addressOrigin: originOf('addresses', sources, 'listed_hosts'),
      portOrigin: originOf('ports', sources, 'none'),
    },
  };
}

function originOf(
  part: 'addresses' | 'ports',
  { upload, report, scannerDefault }: Parameters<typeof resolveScope>[0],
  otherwise: ScopeOrigin,
): ScopeOrigin {
  if (upload[part] !== undefined) return 'upload';
  if (report[part] !== undefined) return 'report';
  return scannerDefault[part] === undefined ? otherwise : 'scanner_default';
}

function addressesBeyond(upload: StatedScope, report: StatedScope): string | undefined {
  if (upload.addresses === undefined || report.addresses === undefined) return undefined;
  if (includes(bigintLine, report.addresses, upload.addresses)) return undefined;
  return (
    `the upload says that ${sample(formatAddressSet(upload.addresses))} were scanned, but the report's targets are ` +
    `${sample(formatAddressSet(report.addresses))}; leave the addresses out, or give a part of the report's`
  );
}

function portsBeyond(upload: StatedScope, report: StatedScope): string | undefined {
  if (upload.ports === undefined || report.ports === undefined) return undefined;
  if (includes(numberLine, report.ports, upload.ports)) return undefined;
  return (
    `the upload says that the ports ${sample([formatPortSet(upload.ports)])} were scanned, but the report says ` +
    `${sample([formatPortSet(report.ports) || 'none'])}; leave the ports out, or give a part of the report's`
  );
}

function sample(texts: readonly string[]): string {
  const text = texts.slice(0, 3).join(', ');
  return (text.length > 120 ? `${text.slice(0, 117)}...` : text) + (texts.length > 3 ? ', …' : '');
}

/** How a complete scan with this scope looked at its hosts. */
export function profileOf(
  scope: ResolvedScope,
  header: { readonly names: boolean; readonly status: boolean; readonly absent: AbsentMeaning },
): Profile {
  return {
    ports: scope.ports ?? [],
    names: header.names,
    status: header.status,
    complete: true,
    absent: scope.addresses === undefined ? 'unknown' : header.absent,
  };
}

/** The same look where the scan broke off, or gave up on the host: it opens, confirms and adds, and closes nothing. */
export function partialProfile(profile: Profile): Profile {
  return { ...profile, ports: [], complete: false, absent: 'unknown' };
}
