import type { Application, UploadResult } from '../../src/graphql/context.ts';
import { type NmapRun, nmapReport } from './nmap-report.ts';

const nginx = ['https', 'nginx', '1.18.0'] as const;
const newNginx = ['https', 'nginx', '1.24.0'] as const;
const ssh = ['ssh', 'OpenSSH', '9.2'] as const;

/** Scans of the inside: the first one is the baseline. */
export const insideRuns: readonly NmapRun[] = [
  {
    targets: '10.0.0.0/24',
    ports: '22,80,443,3389',
    at: '2026-03-01T10:00:00Z',
    hosts: [
      { address: '10.0.0.1', name: 'gate.example', open: { '22/tcp': ssh, '443/tcp': nginx } },
      { address: '10.0.0.2', open: { '80/tcp': 'http' } },
      { address: '10.0.0.3', name: 'desk.example', open: { '3389/tcp': 'ms-wbt-server' } },
    ],
  },
  {
    targets: '10.0.0.0/24',
    ports: '22,80,443,3389',
    at: '2026-03-02T10:00:00Z',
    hosts: [
      { address: '10.0.0.1', name: 'gate.example', open: { '22/tcp': ssh, '443/tcp': newNginx } },
      { address: '10.0.0.2', name: 'files.example', open: { '22/tcp': ssh } },
      { address: '10.0.0.3', name: 'desk.example', open: { '3389/tcp': 'ms-wbt-server' } },
      { address: '10.0.0.9', open: { '80/tcp': 'http' } },
    ],
  },
  {
    targets: '10.0.0.0/24',
    ports: '22,80,443,3389',
    at: '2026-03-03T10:00:00Z',
    hosts: [
      { address: '10.0.0.1', name: 'gate.example', open: { '22/tcp': ssh, '443/tcp': newNginx } },
      { address: '10.0.0.2', name: 'files.example', open: { '22/tcp': ssh, '80/tcp': 'http' } },
      { address: '10.0.0.9', open: { '80/tcp': 'http' } },
    ],
  },
];

/** Scans from the outside, of fewer ports, and of a network with IPv6. */
export const outsideRuns: readonly NmapRun[] = [
  {
    targets: '10.0.0.0/28',
    ports: '443',
    at: '2026-03-01T11:00:00Z',
    hosts: [{ address: '10.0.0.1', name: 'gate.example', open: { '443/tcp': nginx } }],
  },
  {
    targets: '2001:db8::/120',
    ports: '53',
    protocol: 'udp',
    at: '2026-03-02T11:00:00Z',
    hosts: [{ address: '2001:db8::53', name: 'ns.example', open: { '53/udp': 'domain' } }],
  },
  {
    targets: '10.0.0.0/28',
    ports: '443',
    at: '2026-03-03T11:00:00Z',
    partial: true,
    hosts: [{ address: '10.0.0.1', name: 'gate.example' }],
  },
];

/** Two scanners in two groups of the default space, and one that never scanned in a space of its own. */
export async function seed(application: Application): Promise<void> {
  const space = await application.addressSpaces.findByName('default');
  if (space === undefined) throw new Error('There is no address space "default"');
  const inside = await application.scannerGroups.create({ name: 'inside', addressSpaceId: space.id });
  const outside = await application.scannerGroups.create({ name: 'outside', addressSpaceId: space.id });
  const scannerIn = await application.scanners.create({ name: 'inside-1', groupId: inside.id });
  const scannerOut = await application.scanners.create({
    name: 'outside-1',
    groupId: outside.id,
    thresholds: { closedAfterScans: 2 },
  });
  const lab = await application.addressSpaces.create({ name: 'lab', description: 'Nobody scans here' });
  const labGroup = await application.scannerGroups.create({ name: 'lab', addressSpaceId: lab.id });
  await application.scanners.create({ name: 'lab-1', groupId: labGroup.id });

  for (const run of insideRuns) await upload(application, scannerIn.id, run);
  for (const run of outsideRuns) await upload(application, scannerOut.id, run);
}

/** Takes in one run. */
export function upload(application: Application, scannerId: number, run: NmapRun): Promise<UploadResult> {
  return application.scans.upload({ scannerId }, bytesOf(nmapReport(run)));
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
