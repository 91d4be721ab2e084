import { portKey, portOf, protocolOf } from '../core/endpoint.ts';
import type {
  EndpointRecord,
  EndpointFilter as Filter,
  RawLook as Look,
  EndpointView as View,
} from '../core/model.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { asOfRule, filterRule, placeFields, placeOf, sourceFields, sourceOf } from './filters.ts';
import { formatEndpointKey, parseEndpointKey } from './global-id.ts';
import type { GraphqlContext } from './loaders.ts';
import { connect, connectChangesAt, listingAsOf } from './page.ts';
import {
  AddressSpace,
  AddressSpaceSelector,
  Change,
  ChangeConnection,
  Endpoint,
  EndpointConnection,
  Host,
  Scan,
  Scanner,
} from './refs.ts';
import { addressSpaceOf } from './selectors.ts';
import {
  EndpointVerdict,
  Pending,
  PortRange,
  Protocol,
  portsOf,
  RawState,
  Service,
  Since,
  UnknownReason,
} from './values.ts';

const EndpointView = builder.objectRef<View>('EndpointView').implement({
  description: 'What one scanner says of one endpoint.',
  fields: (t) => ({
    scanner: t.field({
      type: Scanner,
      description: 'Who says so.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    verdict: t.expose('verdict', { type: EndpointVerdict, description: 'The settled answer.' }),
    unknownReason: t.expose('unknownReason', {
      type: UnknownReason,
      nullable: true,
      description: 'Why nobody knows; null where the answer is known.',
    }),
    since: t.expose('since', {
      type: Since,
      nullable: true,
      description: 'Since when the verdict holds; null where the endpoint was never open.',
    }),
    closedAt: t.expose('closedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last reported closed.',
    }),
    service: t.expose('service', { type: Service, nullable: true, description: 'What the tool said of it.' }),
    pending: t.expose('pending', {
      type: Pending,
      nullable: true,
      description: 'Looks that contradict the verdict; null where the last look agreed.',
    }),
    lastVerifiedAt: t.expose('lastVerifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'End of the last complete scan that covered it; null where none did.',
    }),
  }),
});

const RawLook = builder.objectRef<Look>('RawLook').implement({
  description: "What the tool said word for word in a scanner's latest look.",
  fields: (t) => ({
    scanner: t.field({
      type: Scanner,
      description: 'Who looked.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    scan: t.field({
      type: Scan,
      description: 'In which scan.',
      resolve: ({ scanId }, _, { loaders }) => loaders.scan(scanId),
    }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    state: t.expose('state', { type: RawState, description: 'What it said.' }),
  }),
});

builder.node(Endpoint, {
  description: 'A port of an address, as the scanners that know the host see it.',
  id: { resolve: (endpoint) => formatEndpointKey(endpoint) },
  loadOne: (id, { loaders }) => {
    const key = parseEndpointKey(id);
    return key && loaders.endpoint(key, { asOf: undefined });
  },
  fields: (t) => ({
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space that the address belongs to.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
    host: t.field({
      type: Host,
      nullable: true,
      description: 'The host; null where no scanner knows it.',
      complexity: 5,
      resolve: ({ addressSpaceId, address, asOf }, _, { loaders }) =>
        loaders.host({ addressSpaceId, address }, { asOf }),
    }),
    protocol: t.field({
      type: Protocol,
      description: 'Its protocol.',
      resolve: ({ port }) => protocolOf(port),
    }),
    port: t.field({ type: 'Port', description: 'Its port.', resolve: ({ port }) => portOf(port) }),
    verdict: t.expose('verdict', {
      type: EndpointVerdict,
      description: 'Open if any scanner says so; not open if none does and one says that; else unknown.',
    }),
    service: t.field({
      type: Service,
      nullable: true,
      description: 'What a tool said of it, best of the scanners that see it open.',
      resolve: serviceOf,
    }),
    lastVerifiedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'End of the last complete scan of any scanner that covered it.',
      resolve: ({ views }) =>
        views.reduce((latest, { lastVerifiedAt = 0 }) => Math.max(latest, lastVerifiedAt), 0) || null,
    }),
    views: t.field({
      type: [EndpointView],
      description: 'One for each scanner that knows the host.',
      complexity: { field: 1, multiplier: 3 },
      resolve: ({ views }) => views,
    }),
    raw: t.field({
      type: [RawLook],
      description: 'The latest looks, in the words of the tools.',
      complexity: { field: 10, multiplier: 3 },
      resolve: async ({ addressSpaceId, address, port, asOf }, _, { loaders }) => [
        ...(await loaders.rawLooks({ addressSpaceId, address, port }, { asOf })),
      ],
    }),
    changes: t.connection(
      {
        type: Change,
        description: 'The entries of the change log about it.',
        resolve: ({ addressSpaceId, address, port, asOf }, page, { loaders }) =>
          connectChangesAt({ addressSpaceId, address, port }, { page, asOf, loaders }),
      },
      ChangeConnection,
    ),
  }),
});

function serviceOf({ views }: EndpointRecord) {
  const open = views.filter(({ verdict, service }) => verdict === 'open' && service !== undefined);
  return (open.find(({ service }) => service?.probed) ?? open[0])?.service ?? null;
}

const EndpointFilter = builder.inputType('EndpointFilter', {
  description: `Which endpoints. ${filterRule}`,
  fields: (t) => ({
    ...sourceFields(t),
    ...placeFields(t),
    ports: t.field({ type: 'PortSet', description: 'With one of these ports.' }),
    portRanges: t.field({
      type: [PortRange],
      description: 'The same as ranges; joined with `ports` by "or".',
    }),
    verdicts: t.field({ type: [EndpointVerdict], description: 'With one of these settled answers.' }),
    service: t.string({
      description: "Part of the service's name, product or version, in upper or lower case.",
    }),
    name: t.string({ description: 'Part of a DNS name of the host, in upper or lower case.' }),
    pending: t.boolean({ description: 'Only those where looks contradict the verdict, or only the others.' }),
  }),
});

async function filterOf(
  input: typeof EndpointFilter.$inferInput | null | undefined,
  context: GraphqlContext,
): Promise<Filter> {
  if (input == null) return {};
  const { verdicts, service, name, pending } = input;
  const ports = portsOf(input.ports, input.portRanges);
  return {
    ...(await sourceOf(input, context)),
    ...placeOf(input),
    ...present({ ports, verdicts, service, name, pending }),
  };
}

builder.queryFields((t) => ({
  endpoints: t.connection(
    {
      type: Endpoint,
      description: 'Endpoints that were ever open or are pending, in the order of their addresses and ports.',
      args: {
        filter: t.arg({ type: EndpointFilter, description: 'Which ones; without it all.' }),
        asOf: t.arg({ type: 'DateTime', description: asOfRule }),
      },
      resolve: async (_, { filter, asOf, ...page }, context) =>
        connect(listingAsOf(context.application.endpoints, asOf), await filterOf(filter, context), page),
    },
    EndpointConnection,
  ),
  endpoint: t.field({
    type: Endpoint,
    description: 'One endpoint, also one that nobody ever saw: then every scanner says why it does not know.',
    args: {
      address: t.arg({ type: 'IPAddress', required: true, description: 'Its address.' }),
      port: t.arg({ type: 'Port', required: true, description: 'Its port.' }),
      protocol: t.arg({ type: Protocol, required: true, defaultValue: 'tcp', description: 'Its protocol.' }),
      addressSpace: t.arg({ type: AddressSpaceSelector, description: 'Its space; without it `default`.' }),
      asOf: t.arg({ type: 'DateTime', description: asOfRule }),
    },
    resolve: async (_, { address, port, protocol, addressSpace, asOf }, context) => {
      const { id } = await addressSpaceOf(context, addressSpace);
      const place = { addressSpaceId: id, address, port: portKey(protocol, port) };
      return context.loaders.endpoint(place, { asOf: asOf ?? undefined });
    },
  }),
}));
