import type * as drift from '../core/drift-model.ts';
import { portOf, protocolOf } from '../core/endpoint.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { DriftFilter, driftFilterOf } from './drift-item.ts';
import {
  ComplianceVerdict,
  CoverageGrouping,
  DriftGrouping,
  DriftSide,
  UnverifiableReason,
} from './drift-values.ts';
import { driftAsOfRule } from './filters.ts';
import type { GraphqlContext } from './loaders.ts';
import { connect } from './page.ts';
import {
  AddressSpace,
  AddressSpaceSelector,
  DriftItem,
  Host,
  ScannerGroup,
  ScannerGroupSelector,
  TargetStatement,
} from './refs.ts';
import { addressSpaceOf, checkLength, idsOf } from './selectors.ts';
import { Protocol } from './values.ts';

const DriftSummaryRow = builder.objectRef<drift.DriftSummaryRow>('DriftSummaryRow').implement({
  description: 'Open drift items of one network, owner, kind, view or host group.',
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'A network, an owner (empty for none), a kind in lower case, or a name.',
    }),
    open: t.exposeInt('open', { description: 'Open items; the following three are among them.' }),
    missing: t.exposeInt('missing', { description: 'Those that should be there and are not.' }),
    excess: t.exposeInt('excess', { description: 'Those that are there and should not be.' }),
    acknowledged: t.exposeInt('acknowledged', { description: 'Those that somebody has seen.' }),
    waived: t.exposeInt('waived', { description: 'Those that are accepted for now.' }),
    unverifiable: t.exposeInt('unverifiable', { description: 'Those whose evidence went.' }),
    hosts: t.exposeInt('hosts', { description: 'Hosts with an open item.' }),
  }),
});

const CoverageRow = builder.objectRef<drift.CoverageRow>('CoverageRow').implement({
  description: 'How many declared hosts and endpoints of a view, network or owner could be verified.',
  fields: (t) => ({
    key: t.exposeString('key', {
      description: 'A network, an owner (empty for none), or the name of a view.',
    }),
    declared: t.exposeInt('declared', { description: 'Hosts and endpoints of which something is declared.' }),
    verified: t.exposeInt('verified', { description: 'Those that were seen lately enough.' }),
    stale: t.exposeInt('stale', { description: 'Those whose last look is too old.' }),
    neverScanned: t.exposeInt('neverScanned', { description: 'Those at which nobody ever looked.' }),
    inconclusive: t.exposeInt('inconclusive', { description: 'Those where the looks do not decide.' }),
  }),
});

const UnscannedTarget = builder.objectRef<drift.UnscannedTarget>('UnscannedTarget').implement({
  description: 'A declared host or endpoint of which nobody can say whether it is as it should be.',
  fields: (t) => ({
    view: t.field({
      type: ScannerGroup,
      description: 'The scanner group that cannot say.',
      resolve: ({ scannerGroupId }, _, { loaders }) => loaders.scannerGroups.get(scannerGroupId),
    }),
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space of the address.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
    protocol: t.field({
      type: Protocol,
      nullable: true,
      description: 'The protocol; null where it is about the host.',
      resolve: ({ port }) => (port === undefined ? null : protocolOf(port)),
    }),
    port: t.field({
      type: 'Port',
      nullable: true,
      description: 'The port; null where it is about the host.',
      resolve: ({ port }) => (port === undefined ? null : portOf(port)),
    }),
    reason: t.expose('reason', { type: UnverifiableReason, description: 'Why nobody can say.' }),
    owner: t.exposeString('owner', { nullable: true, description: 'Who answers for it.' }),
    statement: t.field({
      type: TargetStatement,
      nullable: true,
      description: 'The statement that declares it.',
      complexity: 5,
      resolve: ({ statementId }, _, { loaders }) =>
        statementId === undefined ? null : loaders.statement(statementId),
    }),
  }),
});

const UnscannedTargetConnection = builder.connectionObject(
  {
    type: UnscannedTarget,
    name: 'UnscannedTargetConnection',
    description: 'A page of declared things of which nobody can say how they are.',
  },
  { name: 'UnscannedTargetEdge' },
);

const Compliance = builder.objectRef<drift.Compliance>('Compliance').implement({
  description: 'How one host stands as seen from one view.',
  fields: (t) => ({
    view: t.field({
      type: ScannerGroup,
      description: 'The scanner group whose view it is.',
      resolve: ({ scannerGroupId }, _, { loaders }) => loaders.scannerGroups.get(scannerGroupId),
    }),
    address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
    verdict: t.expose('verdict', { type: ComplianceVerdict, description: 'In one word.' }),
    compliant: t.exposeInt('compliant', {
      description: 'How many of the declared things are as they should be.',
    }),
    items: t.field({
      type: [DriftItem],
      description: 'What deviates.',
      resolve: ({ items }) => [...items],
    }),
    unknown: t.field({
      type: [UnscannedTarget],
      description: 'What nobody can say.',
      resolve: ({ unknown }) => [...unknown],
    }),
  }),
});

const DriftDifference = builder
  .objectRef<drift.DriftVerification['differences'][number]>('DriftDifference')
  .implement({
    description: 'A place where the stored drift is not what a full recomputation finds.',
    fields: (t) => ({
      view: t.field({
        type: ScannerGroup,
        description: 'As seen from there.',
        resolve: ({ scannerGroupId }, _, { loaders }) => loaders.scannerGroups.get(scannerGroupId),
      }),
      address: t.expose('address', { type: 'IPAddress', description: 'The address.' }),
      protocol: t.field({
        type: Protocol,
        nullable: true,
        description: 'The protocol; null where it is about the host.',
        resolve: ({ port }) => (port === undefined ? null : protocolOf(port)),
      }),
      port: t.field({
        type: 'Port',
        nullable: true,
        description: 'The port; null where it is about the host.',
        resolve: ({ port }) => (port === undefined ? null : portOf(port)),
      }),
      side: t.expose('side', { type: DriftSide, description: 'On which side.' }),
      stored: t.exposeString('stored', { description: 'What is stored.' }),
      computed: t.exposeString('computed', { description: 'What it should be.' }),
    }),
  });

const DriftVerification = builder.objectRef<drift.DriftVerification>('DriftVerification').implement({
  description: 'The stored drift against a full recomputation.',
  fields: (t) => ({
    assessed: t.exposeInt('assessed', { description: 'Hosts that were assessed, once for each view.' }),
    open: t.exposeInt('open', { description: 'Open items among them.' }),
    differences: t.field({
      type: [DriftDifference],
      description: 'Where the two are not the same: a mistake of ours.',
      resolve: ({ differences }) => [...differences],
    }),
  }),
});

const DriftPlaceInput = builder.inputType('DriftPlaceInput', {
  description: 'A part of the target. All fields are joined by "and".',
  fields: (t) => ({
    addressSpace: t.field({ type: AddressSpaceSelector, description: 'Where; without it `default`.' }),
    scannerGroups: t.field({ type: [ScannerGroupSelector], description: 'Seen from one of these views.' }),
    networks: t.field({ type: ['Network'], description: 'Inside one of these networks or ranges.' }),
    owners: t.stringList({ description: 'What is declared to be theirs; an empty one is nobody.' }),
    ports: t.field({ type: 'PortSet', description: 'What is declared of these ports.' }),
  }),
});

async function placeIn(
  input: typeof DriftPlaceInput.$inferInput | null | undefined,
  context: GraphqlContext,
): Promise<drift.DriftPlace> {
  const { addressSpace, scannerGroups, ...rest } = input ?? {};
  checkLength(rest.networks, 'networks');
  checkLength(rest.owners, 'owners');
  const { id: addressSpaceId } = await addressSpaceOf(context, addressSpace);
  const scannerGroupIds = await idsOf(context.loaders.scannerGroups, 'ScannerGroup', scannerGroups);
  return { addressSpaceId, ...present({ scannerGroupIds, ...rest }) };
}

const where = { type: DriftPlaceInput, description: 'Which part; without it all of `default`.' } as const;

builder.queryFields((t) => ({
  driftSummary: t.field({
    type: [DriftSummaryRow],
    description: 'How many open drift items there are, by network, owner, kind, view or host group.',
    complexity: { field: 200, multiplier: 10 },
    args: {
      groupBy: t.arg({ type: DriftGrouping, required: true, description: 'What has a row.' }),
      filter: t.arg({ type: DriftFilter, description: 'Which items; without it all that are open.' }),
      asOf: t.arg({ type: 'DateTime', description: driftAsOfRule }),
    },
    resolve: async (_, { groupBy, filter, asOf }, context) => {
      const which = await driftFilterOf(filter, context);
      return [...(await context.application.drift.summary(which, groupBy, asOf ?? undefined))];
    },
  }),
  coverage: t.field({
    type: [CoverageRow],
    description: 'How much of what is declared could be verified.',
    complexity: { field: 500, multiplier: 10 },
    args: {
      groupBy: t.arg({
        type: CoverageGrouping,
        required: true,
        defaultValue: 'view',
        description: 'What has a row.',
      }),
      place: t.arg(where),
    },
    resolve: async (_, { groupBy, place }, context) => [
      ...(await context.application.drift.coverage(await placeIn(place, context), groupBy)),
    ],
  }),
  unscannedTargets: t.connection(
    {
      type: UnscannedTarget,
      description: 'What is declared and cannot be verified, with the reason.',
      args: { place: t.arg(where) },
      resolve: async (_, { place, ...page }, context) =>
        connect(context.application.drift.unscanned, await placeIn(place, context), page),
    },
    UnscannedTargetConnection,
  ),
  complianceOf: t.field({
    type: [Compliance],
    description: 'How one host stands, once for each view of its address space.',
    complexity: { field: 20, multiplier: 5 },
    args: {
      address: t.arg({ type: 'IPAddress', required: true, description: 'Its address.' }),
      addressSpace: t.arg({ type: AddressSpaceSelector, description: 'Its space; without it `default`.' }),
    },
    resolve: async (_, { address, addressSpace }, context) => {
      const { id } = await addressSpaceOf(context, addressSpace);
      return [...(await context.application.drift.complianceOf(id, address))];
    },
  }),
  verifyDrift: t.field({
    type: DriftVerification,
    description: 'Computes all drift anew and compares. Changes nothing; takes its time.',
    complexity: 5000,
    args: { place: t.arg(where) },
    resolve: async (_, { place }, context) => context.application.drift.verify(await placeIn(place, context)),
  }),
}));

builder.objectField(Host, 'compliance', (t) =>
  t.field({
    type: [Compliance],
    description: 'How it stands against the target, once for each view.',
    complexity: { field: 20, multiplier: 5 },
    resolve: async ({ addressSpaceId, address }, _, { application }) => [
      ...(await application.drift.complianceOf(addressSpaceId, address)),
    ],
  }),
);
