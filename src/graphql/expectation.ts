import { portKey } from '../core/endpoint.ts';
import type { ExpectationExplained } from '../core/target-model.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { firstArgument, listCost, offsetArgument, partOf } from './lists.ts';
import { AddressSpaceSelector, ScannerGroupSelector, TargetPolicy, TargetStatement } from './refs.ts';
import { addressSpaceOf, get } from './selectors.ts';
import { TargetConflict } from './target-plan.ts';
import { Expectation, Undeclared, WinningRule } from './target-values.ts';
import { Protocol } from './values.ts';

const ExpectationExplanation = builder.objectRef<ExpectationExplained>('ExpectationExplanation').implement({
  description: 'What is expected of a host or endpoint, who says so, who is overruled, and by which rule.',
  fields: (t) => ({
    expect: t.field({
      type: Expectation,
      nullable: true,
      description: 'What is expected; null where nobody declared anything.',
      resolve: ({ expect }) => (expect === 'undeclared' ? null : expect),
    }),
    undeclared: t.expose('undeclared', {
      type: Undeclared,
      description: 'What undeclared ports or hosts are there.',
    }),
    winner: t.expose('winner', {
      type: TargetStatement,
      nullable: true,
      description: 'The statement that decides; null where nobody declared anything.',
    }),
    losers: t.field({
      type: [TargetStatement],
      description: 'Statements about the same that are overruled, the strongest first.',
      resolve: ({ losers }) => [...losers],
    }),
    conflicts: t.field({
      type: [TargetStatement],
      description: 'Those among them that are of equal rank and say something else.',
      resolve: ({ conflicts }) => [...conflicts],
    }),
    rule: t.expose('rule', { type: WinningRule, nullable: true, description: 'Why the winner wins.' }),
    policy: t.expose('policy', {
      type: TargetPolicy,
      nullable: true,
      description: 'The policy that says what undeclared is there; null where none does.',
    }),
  }),
});

interface Group {
  readonly name: string;
  readonly members: number;
}

const HostGroup = builder.objectRef<Group>('HostGroup').implement({
  description: 'Hosts that a source names as one, such as a role.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'As in the selector `group:name`.' }),
    members: t.exposeInt('members', { description: 'How many addresses belong to it.' }),
  }),
});

builder.queryFields((t) => ({
  explainExpectation: t.field({
    type: ExpectationExplanation,
    description: 'What is expected of a host or endpoint as seen from a view, and why.',
    complexity: 20,
    args: {
      address: t.arg({ type: 'IPAddress', required: true, description: 'The address.' }),
      port: t.arg({ type: 'Port', description: 'The port; without it about the host itself.' }),
      protocol: t.arg({ type: Protocol, required: true, defaultValue: 'tcp', description: 'Of the port.' }),
      scannerGroup: t.arg({
        type: ScannerGroupSelector,
        required: true,
        description: 'The view; its address space is that of the address.',
      }),
      at: t.arg({ type: 'DateTime', description: 'At which moment; without it now.' }),
    },
    resolve: async (_, { address, port, protocol, scannerGroup, at }, { application, loaders }) => {
      const view = await get(loaders.scannerGroups, 'ScannerGroup', scannerGroup);
      return application.targets.explain({
        addressSpaceId: view.addressSpaceId,
        address,
        scannerGroupId: view.id,
        ...present({ port: port == null ? undefined : portKey(protocol, port), at }),
      });
    },
  }),
  targetConflicts: t.field({
    type: [TargetConflict],
    description: 'What contradicts one another among what stands now; a long list is cut.',
    args: {
      addressSpace: t.arg({ type: AddressSpaceSelector, description: 'Where; without it `default`.' }),
      first: t.arg.int(firstArgument),
      offset: t.arg.int(offsetArgument),
    },
    complexity: listCost,
    resolve: async (_, { addressSpace, ...part }, context) => {
      const { id } = await addressSpaceOf(context, addressSpace);
      return partOf(await context.application.targets.conflicts(id), part);
    },
  }),
  hostGroups: t.field({
    type: [HostGroup],
    description: 'Host groups as the sources declare them, by name.',
    args: {
      addressSpace: t.arg({ type: AddressSpaceSelector, description: 'Where; without it `default`.' }),
      first: t.arg.int(firstArgument),
      offset: t.arg.int(offsetArgument),
    },
    complexity: listCost,
    resolve: async (_, { addressSpace, ...part }, context) => {
      const { id } = await addressSpaceOf(context, addressSpace);
      return partOf(await context.application.targets.hostGroups(id), part);
    },
  }),
}));
