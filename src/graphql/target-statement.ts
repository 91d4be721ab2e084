import type { StatementFilter } from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import { filterRule } from './filters.ts';
import { parseNumber } from './global-id.ts';
import type { GraphqlContext } from './loaders.ts';
import { connect } from './page.ts';
import {
  AddressSpace,
  AddressSpaceSelector,
  ScannerGroup,
  ScannerGroupSelector,
  TargetSource,
  TargetSourceSelector,
  TargetStatement,
  TargetStatementConnection,
} from './refs.ts';
import { checkLength, idsOf } from './selectors.ts';
import { Expectation, portsText, SelectorKind, StatementOrigin, selectorText } from './target-values.ts';
import { PortRange, portsOf } from './values.ts';

builder.node(TargetStatement, {
  description: 'One declared intention of a target source. Never edited: a change is another statement.',
  id: { resolve: ({ id }) => String(id) },
  loadOne: (id, { loaders }) => {
    const number = parseNumber(id);
    return number === undefined ? undefined : loaders.statement(number);
  },
  fields: (t) => ({
    externalId: t.exposeString('externalId', {
      description: "The source's own name for it, or what it says about whom.",
    }),
    addressSpace: t.field({
      type: AddressSpace,
      description: 'The space that it speaks of.',
      resolve: ({ addressSpaceId }, _, { loaders }) => loaders.addressSpaces.get(addressSpaceId),
    }),
    source: t.field({
      type: TargetSource,
      description: 'Who says so.',
      resolve: ({ sourceId }, _, { loaders }) => loaders.targetSources.get(sourceId),
    }),
    selector: t.string({
      description: 'Whom it is about: `192.0.2.10`, `10.0.0.0/8`, `group:web` or `*`.',
      resolve: ({ selector }) => selectorText(selector),
    }),
    selectorKind: t.field({
      type: SelectorKind,
      description: 'The kind of selector.',
      resolve: ({ selector }) => selector.kind,
    }),
    view: t.field({
      type: ScannerGroup,
      nullable: true,
      description: 'The scanner group from which it is seen; null for any.',
      resolve: ({ view }, _, { loaders }) => (view === undefined ? null : loaders.scannerGroups.get(view)),
    }),
    ports: t.field({
      type: 'PortSet',
      nullable: true,
      description: 'A range of ports such as `443/tcp` or `1-1024/udp`; null where it is about the host.',
      resolve: ({ subject }) => portsText(subject),
    }),
    expect: t.field({
      type: Expectation,
      description: 'What it says.',
      resolve: ({ subject }) => subject.expect,
    }),
    service: t.string({
      nullable: true,
      description: 'The service that is meant to be there; null where nobody said.',
      resolve: ({ subject }) => (subject.kind === 'port' ? (subject.service ?? null) : null),
    }),
    owner: t.exposeString('owner', { nullable: true, description: 'Who answers for it.' }),
    ticket: t.exposeString('ticket', { nullable: true, description: 'Where it was decided.' }),
    description: t.exposeString('description', { nullable: true, description: 'For people.' }),
    validFrom: t.expose('validFrom', {
      type: 'DateTime',
      nullable: true,
      description: 'It is not in force before; null where it always was.',
    }),
    validUntil: t.expose('validUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'The first instant at which it is no longer in force; null where there is none.',
    }),
    locked: t.exposeBoolean('locked', { description: 'More specific statements may only tighten it.' }),
    origin: t.expose('origin', { type: StatementOrigin, description: 'How it came.' }),
    sinceRevision: t.exposeInt('sinceRevision', {
      description: 'The first revision of its source with it.',
    }),
    since: t.expose('since', { type: 'DateTime', description: 'When that revision was made.' }),
    untilRevision: t.exposeInt('untilRevision', {
      nullable: true,
      description: 'The first revision without it; null for what stands.',
    }),
    until: t.expose('until', {
      type: 'DateTime',
      nullable: true,
      description: 'When that revision was made; null for what stands.',
    }),
  }),
});

const TargetStatementFilter = builder.inputType('TargetStatementFilter', {
  description: `Which statements. ${filterRule}`,
  fields: (t) => ({
    addressSpaces: t.field({ type: [AddressSpaceSelector], description: 'In one of these address spaces.' }),
    sources: t.field({ type: [TargetSourceSelector], description: 'Of one of these target sources.' }),
    networks: t.field({
      type: ['Network'],
      description: 'About hosts and networks that overlap one of these; host groups and `*` are left out.',
    }),
    scannerGroups: t.field({
      type: [ScannerGroupSelector],
      description: 'Seen from one of these groups; statements for any view are left out.',
    }),
    owners: t.stringList({ description: 'Of one of these owners.' }),
    expects: t.field({ type: [Expectation], description: 'That say one of these.' }),
    ports: t.field({ type: 'PortSet', description: 'About one of these ports.' }),
    portRanges: t.field({
      type: [PortRange],
      description: 'The same as ranges; joined with `ports` by "or".',
    }),
    externalId: t.string({ description: 'With this external id, letter by letter.' }),
  }),
});

async function filterOf(
  input: typeof TargetStatementFilter.$inferInput | null | undefined,
  { loaders }: GraphqlContext,
): Promise<StatementFilter> {
  if (input == null) return {};
  const { networks, owners, expects, externalId } = input;
  checkLength(networks, 'networks');
  checkLength(owners, 'owners');
  const [addressSpaceIds, sourceIds, scannerGroupIds] = await Promise.all([
    idsOf(loaders.addressSpaces, 'AddressSpace', input.addressSpaces),
    idsOf(loaders.targetSources, 'TargetSource', input.sources),
    idsOf(loaders.scannerGroups, 'ScannerGroup', input.scannerGroups),
  ]);
  const ports = portsOf(input.ports, input.portRanges);
  return present({
    addressSpaceIds,
    sourceIds,
    scannerGroupIds,
    networks,
    owners,
    expects,
    ports,
    externalId: externalId?.slice(0, limits.inventoryTextCharactersMax),
  });
}

builder.queryField('targetStatements', (t) =>
  t.connection(
    {
      type: TargetStatement,
      description: 'What is declared: what stands now, unless `revision` or `asOf` says otherwise.',
      args: {
        filter: t.arg({ type: TargetStatementFilter, description: 'Which ones; without it all.' }),
        revision: t.arg.int({
          description: 'As of this revision; needs exactly one source in the filter.',
        }),
        asOf: t.arg({ type: 'DateTime', description: 'As it was declared at this past moment.' }),
      },
      resolve: async (_, { filter, revision, asOf, ...page }, context) => {
        const which = await filterOf(filter, context);
        return connect(
          context.application.targets.statements,
          { ...which, ...present({ revision, asOf }) },
          page,
        );
      },
    },
    TargetStatementConnection,
  ),
);
