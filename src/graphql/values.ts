import type { Family as CoreFamily } from '../core/address.ts';
import type { ChangeKind as Kind } from '../core/change.ts';
import { type Protocol as CoreProtocol, type PortSet, portKey, unionOfPorts } from '../core/endpoint.ts';
import { BadInput } from '../core/errors.ts';
import type * as model from '../core/model.ts';
import type * as observation from '../core/observation.ts';
import type { ScopeOrigin as Origin } from '../core/scope.ts';
import type * as state from '../core/state.ts';
import { builder } from './builder.ts';
import { Scan } from './refs.ts';

/** Turns the words of core into an enum: their upper case, with a description for each. */
export function enumOf<const Word extends string>(
  name: string,
  description: string,
  words: Readonly<Record<Word, string>>,
) {
  const values: Record<string, { value: Word; description: string }> = {};
  for (const word of Object.keys(words) as Word[]) {
    const upper = word.toUpperCase().replace(/[^A-Z0-9]+/g, '_');
    values[upper] = { value: word, description: words[word] };
  }
  return builder.enumType(name, { description, values });
}

export const Protocol = enumOf<CoreProtocol>('Protocol', 'What a port belongs to.', {
  tcp: 'Transmission Control Protocol.',
  udp: 'User Datagram Protocol.',
  sctp: 'Stream Control Transmission Protocol.',
  ip: 'The IP protocol scan: the port is the number of an IP protocol.',
});

export const Family = builder.enumType('Family', {
  description: 'The family of an address.',
  values: {
    IPV4: { value: 4, description: 'IPv4, also where it was written as an IPv4-mapped IPv6 address.' },
    IPV6: { value: 6, description: 'IPv6.' },
  } satisfies Record<string, { value: CoreFamily; description: string }>,
});

export const ChangeKind = enumOf<Kind>('ChangeKind', 'What can happen to a host or an endpoint.', {
  host_new: 'Code 1. The scanner saw the host up for the first time.',
  host_gone: 'Code 2. A covered host is no longer up. Its ports are not reported closed besides.',
  name_changed: 'Code 4. The set of DNS names differs from the last look that asked for names.',
  port_opened: 'Code 8. Open, and never open before.',
  port_closed: 'Code 16. Was open, was covered, is not open now.',
  port_reopened: 'Code 32. Open again after it was closed.',
  host_returned: 'Code 64. Up again after it was gone.',
  service_changed: 'Code 128. Product or version differs, and both scans probed for it.',
});

export const EndpointVerdict = enumOf<model.EndpointVerdict>('EndpointVerdict', 'The three answers.', {
  open: 'The last conclusive look found it open.',
  not_open: 'It was looked at and is closed or filtered.',
  unknown: 'Nobody knows (any more); the reason says why.',
});

export const UnknownReason = enumOf<model.UnknownReason>('UnknownReason', 'Why nobody knows.', {
  never_scanned: 'No scan of the scanner covered the host.',
  port_not_in_scope: 'Scans covered the host, but not this port.',
  host_gone: 'The host is gone; its ports went with it.',
  inconclusive: 'The tool could not tell open from filtered.',
  scan_partial: 'Only scans that did not reach their end looked at it.',
});

export const RawState = enumOf<observation.RawState | observation.NotOpenUnknown>(
  'RawState',
  'The state of a port in the words of the tool.',
  {
    open: 'Accepts connections or answers.',
    'open|filtered': 'No answer: open or filtered.',
    unfiltered: 'Reachable; whether open or closed is not known.',
    closed: 'Answers that nobody listens.',
    'closed|filtered': 'Closed or filtered.',
    filtered: 'Something in front of it drops or refuses.',
    'not open': 'Covered and not open; the report does not say how.',
  },
);

export const HostStatus = enumOf<model.HostView['status']>('HostStatus', 'Whether a host is there.', {
  up: 'It answers.',
  down: 'It was looked at and was never up.',
  gone: 'It was up and is no longer.',
});

export const ScopeOrigin = enumOf<Origin>('ScopeOrigin', 'Where the scope of a scan comes from.', {
  upload: 'It was given with the upload.',
  report: 'The report states it.',
  scanner_default: 'It is the default of the scanner.',
  listed_hosts: 'Only what the report lists: what is missing there is not gone.',
  none: 'Nobody says: nothing is closed.',
});

export const PortRange = builder.inputType('PortRange', {
  description: 'Ports of one protocol.',
  fields: (t) => ({
    protocol: t.field({
      type: Protocol,
      required: true,
      defaultValue: 'tcp',
      description: 'The protocol.',
    }),
    first: t.field({ type: 'Port', required: true, description: 'The first port.' }),
    last: t.field({ type: 'Port', description: 'The last port, included; without it only the first.' }),
  }),
});

interface PortRangeInput {
  readonly protocol: CoreProtocol;
  readonly first: number;
  readonly last?: number | null | undefined;
}

/** The ports of a text and of ranges together; undefined where neither is given. */
export function portsOf(
  text: PortSet | null | undefined,
  ranges: readonly PortRangeInput[] | null | undefined,
): PortSet | undefined {
  if (text == null && ranges == null) return undefined;
  let ports = text ?? [];
  for (const { protocol, first, last } of ranges ?? []) {
    if (last != null && last < first) throw new BadInput(`The range ${first}-${last} ends before it begins`);
    ports = unionOfPorts(ports, [
      { first: portKey(protocol, first), last: portKey(protocol, last ?? first) },
    ]);
  }
  return ports;
}

export const Service = builder.objectRef<observation.Service>('Service').implement({
  description: 'What a tool said of the service behind a port. Text from the network: never trust it.',
  fields: (t) => ({
    name: t.exposeString('name', { nullable: true, description: 'Such as `https`.' }),
    product: t.exposeString('product', { nullable: true, description: 'Such as `nginx`.' }),
    version: t.exposeString('version', { nullable: true, description: 'Of the product.' }),
    extra: t.exposeString('extra', { nullable: true, description: 'What else the tool said.' }),
    tunnel: t.exposeString('tunnel', { nullable: true, description: 'Such as `ssl`.' }),
    cpe: t.stringList({
      description: 'Names in the Common Platform Enumeration.',
      resolve: ({ cpe }) => cpe ?? [],
    }),
    probed: t.exposeBoolean('probed', {
      description: 'False where the name was only looked up in a table of well-known ports.',
    }),
  }),
});

export const Since = builder.objectRef<state.Since>('Since').implement({
  description: 'Since when something holds, and which scan decided it.',
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'Observation time of that scan.' }),
    scan: t.field({
      type: Scan,
      description: 'The scan that decided.',
      resolve: ({ scan }, _, { loaders }) => loaders.scan(scan),
    }),
  }),
});

export const Pending = builder.objectRef<model.Pending>('Pending').implement({
  description: 'Looks that contradict the settled state, not enough of them yet.',
  fields: (t) => ({
    count: t.exposeInt('count', { description: 'Consecutive covering scans that said so.' }),
    needed: t.exposeInt('needed', { description: 'How many it takes: the threshold of the scanner.' }),
    since: t.expose('since', { type: 'DateTime', description: 'When the first of them was.' }),
  }),
});
