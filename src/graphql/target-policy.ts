import { BadInput, NotFound } from '../core/errors.ts';
import { builder, tableCost } from './builder.ts';
import { defined, present } from './defined.ts';
import { parseNumber, readId } from './global-id.ts';
import { outcome } from './outcome.ts';
import { connectTable } from './page.ts';
import {
  AddressSpace,
  AddressSpaceSelector,
  ScannerGroup,
  ScannerGroupSelector,
  TargetPolicy,
} from './refs.ts';
import { addressSpaceOf, get } from './selectors.ts';
import { selectorText, Undeclared } from './target-values.ts';

builder.node(TargetPolicy, {
  description: 'What ports and hosts are that nobody declared, and how old evidence may be.',
  id: { resolve: ({ id }) => String(id) },
  loadOne: async (id, { application }) => {
    const number = parseNumber(id);
    if (number === undefined) return undefined;
    return (await application.targets.policies.all()).find((policy) => policy.id === number);
  },
  fields: (t) => ({
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space that it holds in.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    selector: t.string({
      description: 'For whom: `192.0.2.10`, `10.0.0.0/8`, `group:web` or `*`. The most specific one holds.',
      resolve: ({ selector }) => selectorText(selector),
    }),
    view: t.field({
      type: ScannerGroup,
      nullable: true,
      description: 'The scanner group from which it is seen; null for any.',
      resolve: ({ view }, _, { loaders }) => (view === undefined ? null : loaders.scannerGroups.get(view)),
    }),
    undeclaredPorts: t.expose('undeclaredPorts', {
      type: Undeclared,
      description: 'What open ports are that nobody declared.',
    }),
    undeclaredHosts: t.expose('undeclaredHosts', {
      type: Undeclared,
      description: 'What hosts are that nobody declared.',
    }),
    assessServices: t.exposeBoolean('assessServices', {
      description:
        'Whether it deviates where scanners probed another service behind a port than the declared one.',
    }),
    staleAfterSeconds: t.exposeInt('staleAfterSeconds', {
      nullable: true,
      description:
        'Older evidence says nothing any more; null where a wider policy decides, 0 where it does not age whatever ' +
        'a wider policy says. Without any policy it does not age.',
    }),
  }),
});

const TargetPolicyConnection = builder.connectionObject(
  { type: TargetPolicy, name: 'TargetPolicyConnection', description: 'A page of policies.' },
  { name: 'TargetPolicyEdge' },
);

builder.queryField('targetPolicies', (t) =>
  t.connection(
    {
      type: TargetPolicy,
      description: 'All policies. Where none holds, what nobody declared is drift.',
      complexity: tableCost,
      args: {
        addressSpace: t.arg({ type: AddressSpaceSelector, description: 'Of this space; without it all.' }),
      },
      resolve: async (_, { addressSpace, ...page }, { application, loaders }) => {
        const space =
          addressSpace == null ? undefined : await get(loaders.addressSpaces, 'AddressSpace', addressSpace);
        return connectTable(await application.targets.policies.all(space?.id), page);
      },
    },
    TargetPolicyConnection,
  ),
);

const SetTargetPolicyInput = builder.inputType('SetTargetPolicyInput', {
  description: 'A policy. There is one for each selector and view: setting it again changes it.',
  fields: (t) => ({
    addressSpace: t.field({
      type: AddressSpaceSelector,
      description: 'The space that it holds in; without it that of the scanner group, or `default`.',
    }),
    selector: t.string({
      required: true,
      defaultValue: '*',
      description: 'For whom: `192.0.2.10`, `10.0.0.0/8`, `group:web` or `*`.',
    }),
    scannerGroup: t.field({ type: ScannerGroupSelector, description: 'Seen from there; null for any view.' }),
    undeclaredPorts: t.field({ type: Undeclared, description: 'Of a new policy `DRIFT` unless told.' }),
    undeclaredHosts: t.field({ type: Undeclared, description: 'Of a new policy `DRIFT` unless told.' }),
    assessServices: t.boolean({
      description:
        'Whether another service behind a port than the declared one is drift. Of a new policy `false` unless told: ' +
        'what inventories call a service is often no name that a scanner could find.',
    }),
    staleAfterSeconds: t.int({
      description:
        'Older evidence says nothing any more; null: as a wider policy says, else it does not age; 0: it does not age.',
    }),
  }),
});

const DeleteTargetPolicyInput = builder.inputType('DeleteTargetPolicyInput', {
  description: 'Which policy to remove.',
  fields: (t) => ({ id: t.id({ required: true, description: 'Its id.' }) }),
});

builder.mutationFields((t) => ({
  setTargetPolicy: t.field({
    type: TargetPolicy,
    description: 'Says what undeclared ports and hosts are somewhere; drift follows.',
    errors: outcome('targetPolicy', 'The policy', [BadInput, NotFound]),
    args: { input: t.arg({ type: SetTargetPolicyInput, required: true, description: 'The policy.' }) },
    resolve: async (_, { input }, context) => {
      const { addressSpace, selector, scannerGroup, staleAfterSeconds, ...words } = input;
      const view =
        scannerGroup == null
          ? scannerGroup
          : await get(context.loaders.scannerGroups, 'ScannerGroup', scannerGroup);
      const addressSpaceId =
        addressSpace == null && view != null
          ? view.addressSpaceId
          : (await addressSpaceOf(context, addressSpace)).id;
      return context.application.targets.policies.set({
        addressSpaceId,
        selector,
        ...present(words),
        ...defined({ scannerGroupId: view == null ? view : view.id, staleAfterSeconds }),
      });
    },
  }),
  deleteTargetPolicy: t.field({
    type: TargetPolicy,
    description: 'Removes a policy; drift follows.',
    errors: outcome('targetPolicy', 'The removed policy', [BadInput, NotFound]),
    args: { input: t.arg({ type: DeleteTargetPolicyInput, required: true, description: 'Which one.' }) },
    resolve: (_, { input: { id } }, { application }) =>
      application.targets.policies.remove(readId('TargetPolicy', id)),
  }),
}));
