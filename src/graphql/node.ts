import { resolveNodes } from '@pothos/plugin-relay';
import { builder } from './builder.ts';
import { decodeGlobalId } from './global-id.ts';
import { checkLength } from './selectors.ts';

const nodeTypes = new Set([
  'AddressSpace',
  'Change',
  'DriftItem',
  'Endpoint',
  'Host',
  'Scan',
  'Scanner',
  'ScannerGroup',
  'TargetPolicy',
  'TargetSource',
  'TargetStatement',
  'Waiver',
]);

/** What the relay plugin looks up; null for a text that is no id of ours, so that it never reaches the store. */
function parse(text: string): { typename: string; id: string } | null {
  const decoded = decodeGlobalId(text);
  return decoded && nodeTypes.has(decoded.type) ? { typename: decoded.type, id: decoded.id } : null;
}

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'The thing with this id; null where there is none.',
    args: { id: t.arg.id({ required: true, description: 'Its id.' }) },
    complexity: 5,
    resolve: async (_, { id }, context, info) => (await resolveNodes(builder, context, info, [parse(id)]))[0],
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: 'The things with these ids, in their order; null where there is none.',
    args: { ids: t.arg.idList({ required: true, description: 'Their ids, at most 100.' }) },
    complexity: ({ ids }) => ({ field: 5 * ids.length, multiplier: ids.length }),
    resolve: async (_, { ids }, context, info) => {
      checkLength(ids, 'ids');
      return resolveNodes(builder, context, info, ids.map(parse));
    },
  }),
}));
