import { type DriftKind, driftKinds } from '../core/drift.ts';
import { type DriftRow, declaredText, sentenceOf } from './drift-row.ts';
import { driftCodeOf, driftCodes, driftSummaryOf } from './drift-tally.ts';
import type { DriftWriter } from './drift-writer.ts';
import { placeText } from './row-values.ts';
import { safeJson, terminalText } from './terminal-text.ts';

/** Drift as a log in the Static Analysis Results Interchange Format (OASIS SARIF 2.1.0). */
export function driftSarif({ version }: { readonly version: string }): DriftWriter {
  const results: object[] = [];
  return {
    rows: (rows) => {
      results.push(...rows.map(resultOf));
      return '';
    },
    end: (tally) => {
      const notification = { level: 'note', message: { text: driftSummaryOf(tally) } };
      const log = {
        $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
        version: '2.1.0',
        runs: [
          {
            tool: {
              driver: { name: 'Dr. Portscan', semanticVersion: version, rules: driftKinds.map(ruleOf) },
            },
            columnKind: 'utf16CodeUnits',
            invocations: [
              {
                executionSuccessful: driftCodeOf(tally) !== driftCodes.nothingCovered,
                toolExecutionNotifications: [notification],
              },
            ],
            results,
          },
        ],
      };
      return `${safeJson(JSON.stringify(log, null, 2))}\n`;
    },
  };
}

type Level = 'error' | 'warning';

const rules: Readonly<
  Record<DriftKind, { readonly level: Level; readonly name: string; readonly text: string }>
> = {
  port_missing: { level: 'error', name: 'PortMissing', text: 'A port that must be open is not open.' },
  port_unexpected: { level: 'warning', name: 'PortUnexpected', text: 'A port is open that nobody declared.' },
  port_forbidden: { level: 'error', name: 'PortForbidden', text: 'A port that must not be open is open.' },
  host_missing: { level: 'error', name: 'HostMissing', text: 'A host that must be up is not up.' },
  host_unexpected: { level: 'warning', name: 'HostUnexpected', text: 'A host is up that nobody declared.' },
  host_forbidden: { level: 'error', name: 'HostForbidden', text: 'A host that must not be up is up.' },
  service_mismatch: {
    level: 'warning',
    name: 'ServiceMismatch',
    text: 'Another service than the declared one is behind a port.',
  },
};

function ruleOf(kind: DriftKind): object {
  const { name, text, level } = rules[kind];
  return { id: kind, name, shortDescription: { text }, defaultConfiguration: { level } };
}

function resultOf(row: DriftRow): object {
  const text = terminalText(`${sentenceOf(row)}; ${declaredText(row)}.`);
  return {
    ruleId: row.kind,
    ruleIndex: driftKinds.indexOf(row.kind),
    level: rules[row.kind].level,
    kind: row.state === 'resolved' ? 'pass' : 'fail',
    ...(row.state === 'resolved' ? { level: 'none' } : {}),
    message: { text },
    locations: [{ logicalLocations: [locationOf(row)] }],
    partialFingerprints: { 'driftItem/v1': fingerprintOf(row) },
    ...(row.waiver === null ? {} : { suppressions: [suppressionOf(row.waiver)] }),
    properties: propertiesOf(row),
  };
}

function locationOf(row: DriftRow): object {
  const name = terminalText(placeText(row));
  return { name, fullyQualifiedName: terminalText(`${row.space}/${row.view}/${name}`), kind: 'resource' };
}

/** What an item is the same by, through all its episodes. */
function fingerprintOf({ space, view, address, protocol, port, side }: DriftRow): string {
  return terminalText([space, view, address, protocol ?? 'host', port ?? '', side].join('/'));
}

function suppressionOf({ reason, owner, expiresAt }: NonNullable<DriftRow['waiver']>): object {
  const justification = terminalText(`${reason} (${owner}, until ${expiresAt})`);
  return { kind: 'external', status: 'accepted', justification };
}

function propertiesOf(row: DriftRow): object {
  const { id, side, state, view, space, address, protocol, port, openedAt, openedBy, episode, owner } = row;
  return { id, side, state, view, space, address, protocol, port, openedAt, openedBy, episode, owner };
}
