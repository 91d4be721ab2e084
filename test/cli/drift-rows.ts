import { type DriftNode, type DriftRow, driftRow } from '../../src/cli/drift-row.ts';
import type { DriftTally } from '../../src/cli/drift-tally.ts';

/** A drift item as the API tells of it: an open port that nobody declared, unless told. */
export function driftNode(more: Partial<DriftNode> = {}): DriftNode {
  return {
    id: Buffer.from('DriftItem:7').toString('base64url'),
    kind: 'PORT_UNEXPECTED',
    side: 'EXCESS',
    state: 'OPEN',
    address: '10.0.0.1',
    port: 8080,
    protocol: 'TCP',
    view: { name: 'outside' },
    addressSpace: { name: 'default' },
    episode: 1,
    firstOpenedAt: '2026-11-23T10:15:00.000Z',
    openedAt: '2026-11-23T10:15:00.000Z',
    openedBy: 'OBSERVATION',
    resolvedAt: null,
    resolvedBy: null,
    owner: null,
    ticket: null,
    acknowledged: null,
    waiver: null,
    unverifiable: null,
    flapping: false,
    scan: { id: Buffer.from('Scan:3').toString('base64url') },
    statement: null,
    ...more,
  };
}

/** The row of such an item. */
export function aRow(more: Partial<DriftNode> = {}): DriftRow {
  return driftRow(driftNode(more));
}

/** A waiver of an item. */
export const waiver = {
  id: Buffer.from('Waiver:2').toString('base64url'),
  reason: 'migration',
  owner: 'webops',
  expiresAt: '2026-12-24T00:00:00.000Z',
};

/** A listing in which nothing was found, of something that was looked at. */
export const nothing: DriftTally = {
  unexpected: 0,
  forbidden: 0,
  missing: 0,
  otherService: 0,
  waived: 0,
  resolved: 0,
  hosts: 0,
  covered: true,
};
