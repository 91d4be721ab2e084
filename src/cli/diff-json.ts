import { formatAddressSet } from '../core/address-set.ts';
import {
  factChangeOf,
  type HostDifference,
  hostChangeOf,
  portChangeOf,
  type Sides,
  serviceChangeOf,
} from '../core/compare.ts';
import type { DifferenceCounts } from '../core/difference-lines.ts';
import { formatPort, formatPortSet } from '../core/endpoint.ts';
import type { Instant } from '../core/observation.ts';
import type { Side, SideRun } from './diff-side.ts';
import { safeJson } from './terminal-text.ts';

/** Versions of the JSON output; a change that breaks readers raises it. */
const version = 1;

/** The whole comparison as JSON, some hosts at a time. Every text is safe to print. */
export interface DiffJson {
  begin(before: Side, after: Side): string;
  host(difference: HostDifference): string;
  end(summary: DiffSummary): string;
}

/** The end of a comparison. */
export interface DiffSummary {
  readonly counts: DifferenceCounts;
  readonly different: boolean;
  readonly comparable: boolean;
  readonly commonAddresses: bigint;
}

/** A writer for one comparison. It tells everything, also what cannot be compared. */
export function diffJson(): DiffJson {
  let separator = '\n';
  return {
    begin: (before, after) =>
      `{\n"drportscanDiff": ${version},\n"before": ${textOf(sideObject(before))},\n` +
      `"after": ${textOf(sideObject(after))},\n"hosts": [`,
    host(difference) {
      const text = `${separator}${textOf(hostObject(difference))}`;
      separator = ',\n';
      return text;
    },
    end: ({ commonAddresses, ...summary }) =>
      `${separator === '\n' ? '' : '\n'}],\n"summary": ${textOf({ ...summary, commonAddresses: String(commonAddresses) })}\n}\n`,
  };
}

function textOf(value: object): string {
  return safeJson(JSON.stringify(value));
}

function sideObject({ file, format, runs, looks, problemCount, hostsOutside }: Side): object {
  return {
    file,
    format,
    runs: runs.map(runObject),
    scope: looks.map(({ addresses, profile }) => ({
      addresses: formatAddressSet(addresses),
      ports: formatPortSet(profile.ports),
      complete: profile.complete,
    })),
    problems: problemCount,
    hostsOutside,
  };
}

function runObject({ header, end, scope }: SideRun): object {
  const { tool, version: toolVersion, args, startedAt } = header;
  return {
    tool,
    version: toolVersion,
    args,
    startedAt: time(startedAt),
    endedAt: time(end?.endedAt),
    complete: end?.complete ?? false,
    partialReason: end?.reason,
    addressOrigin: scope.addressOrigin,
    portOrigin: scope.portOrigin,
  };
}

function time(instant: Instant | undefined): string | undefined {
  return instant === undefined ? undefined : new Date(instant).toISOString();
}

function hostObject(difference: HostDifference): object {
  const { address, status, names, mac, ports, services } = difference;
  const change = hostChangeOf(difference);
  const marked = (sides: Sides<unknown> | undefined) =>
    sides === undefined ? undefined : { change: factChangeOf(sides), ...sides };
  return {
    address,
    change,
    status,
    names: marked(names),
    mac: marked(mac),
    ports: ports.map((port) => ({
      ports: formatPortSet(port.ports),
      change: portChangeOf(port, change),
      before: port.before,
      after: port.after,
    })),
    services: services.map(({ port, ...sides }) => ({
      port: formatPort(port),
      change: serviceChangeOf(sides),
      ...sides,
    })),
  };
}
