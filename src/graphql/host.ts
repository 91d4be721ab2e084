import { familyOf } from '../core/address.ts';
import type { HostFilter as Filter, HostView as View } from '../core/model.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { asOfRule, filterRule, placeFields, placeOf, sourceFields, sourceOf } from './filters.ts';
import { formatHostKey, parseHostKey } from './global-id.ts';
import type { GraphqlContext } from './loaders.ts';
import { connect, connectChangesAt, listingAsOf, pageRequest, toConnection } from './page.ts';
import {
  AddressSpace,
  AddressSpaceSelector,
  Change,
  ChangeConnection,
  Endpoint,
  EndpointConnection,
  Host,
  HostConnection,
  Scanner,
} from './refs.ts';
import { addressSpaceOf } from './selectors.ts';
import { Family, HostStatus, Pending, PortRange, portsOf, Since } from './values.ts';

const HostView = builder.objectRef<View>('HostView').implement({
  description: 'What one scanner says of one host.',
  fields: (t) => ({
    scanner: t.field({
      type: Scanner,
      description: 'Who says so.',
      resolve: ({ scannerId }, _, { loaders }) => loaders.scanners.get(scannerId),
    }),
    status: t.expose('status', { type: HostStatus, description: 'The settled status.' }),
    since: t.expose('since', { type: Since, description: 'Since when the status holds.' }),
    firstSeen: t.expose('firstSeen', {
      type: Since,
      nullable: true,
      description: 'When it was seen up for the first time; null where it never was.',
    }),
    names: t.exposeStringList('names', {
      description: 'Its DNS names, at the last look that asked for them.',
    }),
    mac: t.expose('mac', {
      type: 'MAC',
      nullable: true,
      description: 'Its hardware address, where it was seen.',
    }),
    pending: t.expose('pending', {
      type: Pending,
      nullable: true,
      description: 'Looks that contradict the status; null where the last look agreed.',
    }),
    lastVerifiedAt: t.expose('lastVerifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'End of the last complete scan that covered it.',
    }),
  }),
});

builder.node(Host, {
  description: 'One address of one address space, as its scanners see it.',
  id: { resolve: (host) => formatHostKey(host) },
  loadOne: (id, { loaders }) => {
    const key = parseHostKey(id);
    return key && loaders.host(key, { asOf: undefined });
  },
  fields: (t) => ({
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space that the address belongs to.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
    family: t.field({
      type: Family,
      description: 'Its family.',
      resolve: ({ address }) => familyOf(address),
    }),
    names: t.stringList({
      description: 'All its DNS names, of any scanner.',
      resolve: ({ views }) => [...new Set(views.flatMap(({ names }) => names))].sort(),
    }),
    views: t.field({
      type: [HostView],
      description: 'One for each scanner that knows the host.',
      complexity: { field: 1, multiplier: 3 },
      resolve: ({ views }) => views,
    }),
    endpoints: t.connection(
      {
        type: Endpoint,
        description: 'Its endpoints that were ever open or are pending.',
        resolve: async (host, page, { loaders }) => {
          const { asOf } = host;
          const found = await loaders.endpointsOfHost(host, { request: pageRequest(page), asOf });
          return toConnection(found, async () => found.total);
        },
      },
      EndpointConnection,
    ),
    changes: t.connection(
      {
        type: Change,
        description: 'The entries of the change log about it and its endpoints.',
        resolve: ({ addressSpaceId, address, asOf }, page, { loaders }) =>
          connectChangesAt({ addressSpaceId, address }, { page, asOf, loaders }),
      },
      ChangeConnection,
    ),
  }),
});

const HostFilter = builder.inputType('HostFilter', {
  description: `Which hosts. ${filterRule}`,
  fields: (t) => ({
    ...sourceFields(t),
    ...placeFields(t),
    statuses: t.field({ type: [HostStatus], description: 'With one of these settled statuses.' }),
    name: t.string({ description: 'Part of a DNS name, in upper or lower case.' }),
    openPorts: t.field({ type: 'PortSet', description: 'With one of these ports settled open.' }),
    openPortRanges: t.field({
      type: [PortRange],
      description: 'The same as ranges; joined with `openPorts` by "or".',
    }),
    pending: t.boolean({ description: 'Only those where looks contradict the status, or only the others.' }),
  }),
});

async function filterOf(
  input: typeof HostFilter.$inferInput | null | undefined,
  context: GraphqlContext,
): Promise<Filter> {
  if (input == null) return {};
  const { statuses, name, pending } = input;
  const openPorts = portsOf(input.openPorts, input.openPortRanges);
  return {
    ...(await sourceOf(input, context)),
    ...placeOf(input),
    ...present({ statuses, name, pending, openPorts }),
  };
}

builder.queryFields((t) => ({
  hosts: t.connection(
    {
      type: Host,
      description: 'Hosts in the order of their addresses.',
      args: {
        filter: t.arg({ type: HostFilter, description: 'Which ones; without it all.' }),
        asOf: t.arg({ type: 'DateTime', description: asOfRule }),
      },
      resolve: async (_, { filter, asOf, ...page }, context) =>
        connect(listingAsOf(context.application.hosts, asOf), await filterOf(filter, context), page),
    },
    HostConnection,
  ),
  host: t.field({
    type: Host,
    nullable: true,
    description: 'One host; null where no scanner knows it.',
    args: {
      address: t.arg({ type: 'IPAddress', required: true, description: 'Its address.' }),
      addressSpace: t.arg({ type: AddressSpaceSelector, description: 'Its space; without it `default`.' }),
      asOf: t.arg({ type: 'DateTime', description: asOfRule }),
    },
    resolve: async (_, { address, addressSpace, asOf }, context) => {
      const { id } = await addressSpaceOf(context, addressSpace);
      return context.loaders.host({ addressSpaceId: id, address }, { asOf: asOf ?? undefined });
    },
  }),
}));
