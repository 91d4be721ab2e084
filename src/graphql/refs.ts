import type * as drift from '../core/drift-model.ts';
import type * as model from '../core/model.ts';
import type * as target from '../core/target-model.ts';
import { builder } from './builder.ts';

/** The nouns of the API before they have fields, so that they can refer to each other without import cycles. */
export const AddressSpace = builder.objectRef<model.AddressSpace>('AddressSpace');
export const ScannerGroup = builder.objectRef<model.ScannerGroup>('ScannerGroup');
export const Scanner = builder.objectRef<model.Scanner>('Scanner');
export const Scan = builder.objectRef<model.Scan>('Scan');
export const Host = builder.objectRef<model.Host>('Host');
export const Endpoint = builder.objectRef<model.EndpointRecord>('Endpoint');
export const Change = builder.objectRef<model.LoggedChange>('Change');
export const TargetSource = builder.objectRef<target.TargetSource>('TargetSource');
export const TargetStatement = builder.objectRef<target.StoredStatement>('TargetStatement');
export const TargetRevision = builder.objectRef<target.TargetRevision>('TargetRevision');
export const TargetPolicy = builder.objectRef<target.TargetPolicy>('TargetPolicy');
export const DriftItem = builder.objectRef<drift.DriftItem>('DriftItem');
export const Waiver = builder.objectRef<drift.Waiver>('Waiver');

/** Names an address space in an argument. */
export const AddressSpaceSelector = selector('AddressSpace', 'an address space');

/** Names a scanner group in an argument. */
export const ScannerGroupSelector = selector('ScannerGroup', 'a scanner group');

/** Names a scanner in an argument. */
export const ScannerSelector = selector('Scanner', 'a scanner');

/** Names a target source in an argument. */
export const TargetSourceSelector = selector('TargetSource', 'a target source');

function selector(noun: string, what: string) {
  return builder.inputType(`${noun}Selector`, {
    description: `Names ${what}, by exactly one of its fields.`,
    isOneOf: true,
    fields: (t) => ({
      id: t.id({ description: `The id of ${what}.` }),
      name: t.string({ description: `The name of ${what}.` }),
    }),
  });
}

/** Pages of address spaces. */
export const AddressSpaceConnection = builder.connectionObject(
  { type: AddressSpace, name: 'AddressSpaceConnection', description: 'A page of address spaces.' },
  { name: 'AddressSpaceEdge' },
);

/** Pages of scanner groups. */
export const ScannerGroupConnection = builder.connectionObject(
  { type: ScannerGroup, name: 'ScannerGroupConnection', description: 'A page of scanner groups.' },
  { name: 'ScannerGroupEdge' },
);

/** Pages of scanners. */
export const ScannerConnection = builder.connectionObject(
  { type: Scanner, name: 'ScannerConnection', description: 'A page of scanners.' },
  { name: 'ScannerEdge' },
);

/** Pages of scans. */
export const ScanConnection = builder.connectionObject(
  { type: Scan, name: 'ScanConnection', description: 'A page of scans.' },
  { name: 'ScanEdge' },
);

/** Pages of hosts. */
export const HostConnection = builder.connectionObject(
  { type: Host, name: 'HostConnection', description: 'A page of hosts.' },
  { name: 'HostEdge' },
);

/** Pages of endpoints. */
export const EndpointConnection = builder.connectionObject(
  { type: Endpoint, name: 'EndpointConnection', description: 'A page of endpoints.' },
  { name: 'EndpointEdge' },
);

/** Pages of changes. */
export const ChangeConnection = builder.connectionObject(
  { type: Change, name: 'ChangeConnection', description: 'A page of the change log.' },
  { name: 'ChangeEdge' },
);

/** Pages of target sources. */
export const TargetSourceConnection = builder.connectionObject(
  { type: TargetSource, name: 'TargetSourceConnection', description: 'A page of target sources.' },
  { name: 'TargetSourceEdge' },
);

/** Pages of statements. */
export const TargetStatementConnection = builder.connectionObject(
  { type: TargetStatement, name: 'TargetStatementConnection', description: 'A page of statements.' },
  { name: 'TargetStatementEdge' },
);

/** Pages of revisions. */
export const TargetRevisionConnection = builder.connectionObject(
  { type: TargetRevision, name: 'TargetRevisionConnection', description: 'A page of revisions.' },
  { name: 'TargetRevisionEdge' },
);

/** Pages of drift items. */
export const DriftItemConnection = builder.connectionObject(
  { type: DriftItem, name: 'DriftItemConnection', description: 'A page of drift items.' },
  { name: 'DriftItemEdge' },
);
