import fc from 'fast-check';
import type { Address } from '../../src/core/address.ts';
import { type PortKey, portKey, protocolOf, protocols, setOfPorts } from '../../src/core/endpoint.ts';
import type { Thresholds } from '../../src/core/fold.ts';
import type {
  CollapsedPorts,
  HostObservation,
  NotOpenUnknown,
  PortObservation,
  RawState,
  Service,
} from '../../src/core/observation.ts';
import type { AbsentMeaning } from '../../src/core/scope.ts';

/** What a scanner found at one address, said so that it can be written down in several ways. */
export interface HostPlan {
  readonly address: Address;
  readonly status: 'up' | 'down' | 'unknown';
  readonly names: readonly string[];
  readonly mac?: string;
  /** The states of single ports. */
  readonly states: ReadonlyMap<PortKey, RawState>;
  /** The state of all other ports in scope. */
  readonly rest: Exclude<RawState, 'open'> | NotOpenUnknown;
  readonly services: ReadonlyMap<PortKey, Service>;
  readonly timedOut: boolean;
  /** Minutes before the end of the scan, where the report says when it was done with the host. */
  readonly doneBefore?: number;
}

/** One scan: what it looked at, how, and what it found. */
export interface ScanPlan {
  /** Half days since the beginning of the world. */
  readonly time: number;
  /** Decides the order of scans at one time. */
  readonly digest: string;
  /** Undefined: only the listed hosts. */
  readonly addresses?: readonly Address[];
  /** Undefined: nobody knows. */
  readonly ports?: readonly PortKey[];
  readonly names: boolean;
  readonly status: boolean;
  readonly absent: AbsentMeaning;
  readonly complete: boolean;
  readonly hosts: readonly HostPlan[];
}

export const addresses: readonly Address[] = ['10.0.0.1', '10.0.0.2', '2001:db8::1', '::0.1.0.2'];

/** Neighbours on the line of port keys are of different protocols here: 65535/tcp and 0/udp. */
export const ports: readonly PortKey[] = [
  portKey('tcp', 22),
  portKey('tcp', 80),
  portKey('tcp', 65535),
  portKey('udp', 0),
];

const worldBegin = Date.UTC(2026, 0, 1);
const halfDayMs = 43_200_000;

/** When a scan ended. */
export function instantOf({ time }: Pick<ScanPlan, 'time'>): number {
  return worldBegin + time * halfDayMs;
}

export const thresholds: fc.Arbitrary<Thresholds> = fc.record({
  openAfterScans: fc.integer({ min: 1, max: 3 }),
  closedAfterScans: fc.integer({ min: 1, max: 3 }),
  goneAfterScans: fc.integer({ min: 1, max: 3 }),
  backAfterScans: fc.integer({ min: 1, max: 3 }),
  reopenWindowDays: fc.constantFrom(0, 2, 90),
});

export const plain: Thresholds = {
  openAfterScans: 1,
  closedAfterScans: 1,
  goneAfterScans: 1,
  backAfterScans: 1,
  reopenWindowDays: 90,
};

const service: fc.Arbitrary<Service> = fc.oneof(
  fc.record({ name: fc.constantFrom('ssh', 'http'), probed: fc.constant(false) }),
  fc.record(
    {
      name: fc.constant('ssh'),
      product: fc.constantFrom('A', 'B'),
      version: fc.constantFrom('1', '2'),
      extra: fc.constantFrom('x', 'y'),
      probed: fc.constant(true),
    },
    { requiredKeys: ['probed'] },
  ),
);

const state: fc.Arbitrary<RawState> = fc.oneof(
  { weight: 5, arbitrary: fc.constant('open' as const) },
  { weight: 3, arbitrary: fc.constantFrom<RawState>('closed', 'filtered') },
  { weight: 1, arbitrary: fc.constantFrom<RawState>('open|filtered', 'unfiltered', 'closed|filtered') },
);

/** A value for every second port. */
function mapOf<V>(value: fc.Arbitrary<V>): fc.Arbitrary<ReadonlyMap<PortKey, V>> {
  const entry = fc.option(value, { nil: undefined, freq: 2 });
  return fc
    .tuple(...ports.map(() => entry))
    .map(
      (values) =>
        new Map(values.flatMap((found, i) => (found === undefined ? [] : [[ports[i] as PortKey, found]]))),
    );
}

function hostAt(address: Address): fc.Arbitrary<HostPlan> {
  return fc
    .record(
      {
        status: fc.oneof(
          { weight: 6, arbitrary: fc.constant('up' as const) },
          { weight: 2, arbitrary: fc.constant('down' as const) },
          { weight: 1, arbitrary: fc.constant('unknown' as const) },
        ),
        names: fc.constantFrom<readonly string[]>([], ['a'], ['a'], ['a', 'b']),
        mac: fc.constantFrom('00:00:00:00:00:01', '00:00:00:00:00:02'),
        states: mapOf(state),
        rest: fc.constantFrom<HostPlan['rest']>('closed', 'filtered', 'not open', 'open|filtered'),
        services: mapOf(service),
        timedOut: fc.constantFrom(false, false, false, false, false, true),
        doneBefore: fc.integer({ min: 0, max: 60 }),
      },
      {
        requiredKeys: ['status', 'names', 'states', 'rest', 'services', 'timedOut'],
      },
    )
    .map((host): HostPlan => {
      // Hosts that are down answer on no port; only open ports have services.
      const states = host.status === 'down' ? new Map<PortKey, RawState>() : host.states;
      const services = new Map([...host.services].filter(([port]) => states.get(port) === 'open'));
      return { ...host, address, states, services };
    });
}

const scopeOfAddresses = fc.oneof(
  { weight: 4, arbitrary: fc.constant(addresses) },
  { weight: 3, arbitrary: fc.subarray([...addresses], { minLength: 1 }) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

const scopeOfPorts = fc.oneof(
  { weight: 4, arbitrary: fc.constant(ports) },
  { weight: 2, arbitrary: fc.subarray([...ports]) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

const often = fc.constantFrom(true, true, true, true, false);

/** One scan; its digest is settled by its place in the list of scans. */
const scan: fc.Arbitrary<ScanPlan> = fc
  .record({
    time: fc.integer({ min: 0, max: 12 }),
    digest: fc.constantFrom('a', 'b'),
    addresses: scopeOfAddresses,
    ports: scopeOfPorts,
    names: often,
    status: often,
    absent: fc.constantFrom<AbsentMeaning>('down', 'down', 'nothing_open', 'unknown'),
    complete: often,
    listed: fc.tuple(...addresses.map((address) => fc.option(hostAt(address), { nil: undefined, freq: 3 }))),
  })
  .map(({ listed, addresses: scope, ports: scopePorts, ...rest }) => ({
    ...rest,
    ...(scope === undefined ? {} : { addresses: scope }),
    ...(scopePorts === undefined ? {} : { ports: scopePorts }),
    hosts: listed.filter((host) => host !== undefined),
  }));

/** Histories of one scanner, in the order in which the reports arrive; their digests differ. */
export function histories({ maxLength }: { maxLength: number }): fc.Arbitrary<readonly ScanPlan[]> {
  return fc
    .array(scan, { minLength: 1, maxLength })
    .map((scans) => scans.map((plan, index) => ({ ...plan, digest: `${plan.digest}${index}` })));
}

/** Scans that say of few hosts the same again and again: what thresholds, skipping and histories are about. */
export function repetitiveHistories({ maxLength }: { maxLength: number }): fc.Arbitrary<readonly ScanPlan[]> {
  return fc
    .tuple(
      fc.array(scan, { minLength: 2, maxLength: 3 }),
      fc.array(
        fc.record({
          which: fc.nat(2),
          time: fc.integer({ min: 0, max: 12 }),
          digest: fc.constantFrom('a', 'b'),
        }),
        { minLength: 1, maxLength },
      ),
    )
    .map(([kinds, places]) =>
      places.map(({ which, time, digest }, index) => ({
        ...(kinds[which % kinds.length] as ScanPlan),
        time,
        digest: `${digest}${index}`,
      })),
    );
}

/** The same, one after the other, of which at most one comes late: what a scanner does from day to day. */
export function steadyHistories({ maxLength }: { maxLength: number }): fc.Arbitrary<readonly ScanPlan[]> {
  return fc
    .tuple(
      fc.array(scan, { minLength: 2, maxLength: 3 }),
      fc.array(fc.nat(2), { minLength: 2, maxLength }),
      fc.option(fc.nat(maxLength), { nil: undefined, freq: 2 }),
    )
    .map(([kinds, order, late]) => {
      const scans = order.map((which, time) => ({
        ...(kinds[which % kinds.length] as ScanPlan),
        time,
        digest: `b${time}`,
      }));
      return late === undefined ? scans : [...scans.toSpliced(late, 1), ...scans.slice(late, late + 1)];
    });
}

/** The scans in the order of the timeline. */
export function inOrder(scans: readonly ScanPlan[]): ScanPlan[] {
  return [...scans].sort((a, b) => a.time - b.time || (a.digest < b.digest ? -1 : 1));
}

/** `collapsed` counts what is not open by state, as nmap does; `listed` names every port of the scope. */
export type Presentation = 'collapsed' | 'listed';

/** The host as a report says it. */
export function observe(host: HostPlan, plan: ScanPlan, presentation: Presentation): HostObservation {
  const { address, status, names, mac, timedOut, doneBefore } = host;
  const scope = status === 'down' ? [] : (plan.ports ?? []);
  const said = new Map<PortKey, HostPlan['rest'] | 'open'>(scope.map((port) => [port, host.rest]));
  for (const [port, own] of host.states) said.set(port, own);
  const isListed = (port: PortKey, own: string) =>
    own === 'open' || !scope.includes(port) || (presentation === 'listed' && own !== 'not open');
  const listed = [...said].filter(([port, own]) => isListed(port, own)).sort(([a], [b]) => a - b);
  return {
    address,
    status,
    names,
    ...(mac === undefined ? {} : { mac }),
    ports: listed.map(([port, own]): PortObservation => {
      const found = own === 'open' ? host.services.get(port) : undefined;
      return { port, state: own as RawState, ...(found === undefined ? {} : { service: found }) };
    }),
    collapsed: collapse([...said].filter(([port, own]) => !isListed(port, own))),
    timedOut,
    ...(doneBefore === undefined ? {} : { observedAt: instantOf(plan) - doneBefore * 60_000 }),
  };
}

function collapse(ports: readonly (readonly [PortKey, string])[]): CollapsedPorts[] {
  return protocols.flatMap((protocol) => {
    const own = ports.filter(([port, said]) => protocolOf(port) === protocol && said !== 'not open');
    const states = [...new Set(own.map(([, said]) => said))];
    return states.map((said): CollapsedPorts => {
      const keys = own.filter(([, other]) => other === said).map(([port]) => port);
      return { state: said as RawState, count: keys.length, protocol, ports: setOfPorts(keys) };
    });
  });
}
