import { portOf, protocolOf } from '../core/endpoint.ts';
import type { Finding as CoreFinding, ScannerHealth as Health } from '../core/scan-event.ts';
import { describeFinding } from '../core/scan-event.ts';
import { builder } from './builder.ts';
import { Receipt } from './receipt.ts';
import { Scanner } from './refs.ts';
import { Protocol } from './values.ts';

const Finding = builder.objectRef<CoreFinding>('Finding').implement({
  description: 'Many new open ports that are told as one: of one host, or one port on most of a network.',
  fields: (t) => ({
    message: t.string({ description: 'As a sentence.', resolve: describeFinding }),
    network: t.field({
      type: 'Network',
      description: 'The network, or the address of the host.',
      resolve: (finding) => (finding.kind === 'host' ? finding.address : finding.network),
    }),
    protocol: t.field({
      type: Protocol,
      nullable: true,
      description: 'The protocol; null where it is about one host.',
      resolve: (finding) => (finding.kind === 'host' ? null : protocolOf(finding.port)),
    }),
    port: t.field({
      type: 'Port',
      nullable: true,
      description: 'The port; null where it is about one host.',
      resolve: (finding) => (finding.kind === 'host' ? null : portOf(finding.port)),
    }),
    count: t.int({
      description: 'How many ports of the host, or addresses of the network.',
      resolve: (finding) => (finding.kind === 'host' ? finding.ports : finding.addresses),
    }),
  }),
});

builder.objectFields(Receipt, (t) => ({
  findings: t.field({
    type: [Finding],
    description: 'What is told as one finding each, instead of port by port.',
    resolve: ({ findings = [] }) => [...findings],
  }),
  clockSkewSeconds: t.int({
    nullable: true,
    description: 'How far in the future the scan says it ended; null where its clock seems right.',
    resolve: ({ clockSkewMs }) => (clockSkewMs === undefined ? null : Math.round(clockSkewMs / 1000)),
  }),
}));

const ScannerHealth = builder.objectRef<Health>('ScannerHealth').implement({
  description: 'What there is to know about a scanner before its evidence is believed.',
  fields: (t) => ({
    ok: t.boolean({
      description: 'Nothing below gives cause for doubt.',
      resolve: ({ overdue, heldScans, findings, clockSkewMs }) =>
        !overdue && heldScans === 0 && findings.length === 0 && clockSkewMs === undefined,
    }),
    lastScanAt: t.expose('lastScanAt', {
      type: 'DateTime',
      nullable: true,
      description: 'The latest scan that counts; null where none does.',
    }),
    dueAt: t.expose('dueAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When the next scan is or was due; null where none is expected.',
    }),
    overdue: t.exposeBoolean('overdue', { description: 'It is due and did not come.' }),
    heldScans: t.exposeInt('heldScans', { description: 'Scans that wait for a decision.' }),
    findings: t.field({
      type: [Finding],
      description: 'What the latest scan that counts told as one finding each.',
      resolve: ({ findings }) => [...findings],
    }),
    clockSkewSeconds: t.int({
      nullable: true,
      description: 'How far in the future the latest scan says it ended; null where its clock seems right.',
      resolve: ({ clockSkewMs }) => (clockSkewMs === undefined ? null : Math.round(clockSkewMs / 1000)),
    }),
  }),
});

builder.objectField(Scanner, 'health', (t) =>
  t.field({
    type: ScannerHealth,
    description: 'What there is to know about it before its evidence is believed.',
    complexity: 5,
    resolve: async (scanner, _, { loaders }) => {
      const health = await loaders.health(scanner, null);
      return health ?? { scannerId: scanner.id, overdue: false, heldScans: 0, findings: [] };
    },
  }),
);
