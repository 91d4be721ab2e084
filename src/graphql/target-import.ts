import { BadInput, NotFound, TargetRefused } from '../core/errors.ts';
import type { ImportRequest } from '../core/target-model.ts';
import { builder } from './builder.ts';
import { present } from './defined.ts';
import type { InputFields } from './filters.ts';
import type { GraphqlContext } from './loaders.ts';
import { nativeFormat, nativeLines } from './native-inventory.ts';
import { ScannerGroupSelector, TargetSourceSelector } from './refs.ts';
import { checkLength, get } from './selectors.ts';
import { ImportPlan, TargetImport } from './target-plan.ts';
import { BrakeKind, Expectation, ImportMode, PortExpectation } from './target-values.ts';

const TargetStatementInput = builder.inputType('TargetStatementInput', {
  description: 'One statement. What cannot be read or used makes it a rejected row of the plan.',
  fields: (t) => ({
    externalId: t.string({
      description: "The source's own name for it; without one, what it says about whom is its name.",
    }),
    selector: t.string({
      required: true,
      description: 'Whom it is about: `192.0.2.10`, `10.0.0.0/8`, `group:web` or `*`.',
    }),
    view: t.string({
      description: 'Name of the scanner group from which it is seen; `*` for any, `defaultView` without it.',
    }),
    ports: t.string({ description: 'As in `22,80-90/tcp,53/udp`; without it, it is about the host.' }),
    expect: t.field({
      type: Expectation,
      description: 'What it says; without it `defaultExpect` of ports and `PRESENT` of hosts.',
    }),
    service: t.string({ description: 'The service that is meant to be there.' }),
    owner: t.string({ description: 'Who answers for it.' }),
    ticket: t.string({ description: 'Where it was decided.' }),
    description: t.string({ description: 'For people.' }),
    validFrom: t.field({ type: 'DateTime', description: 'It is not in force before.' }),
    validUntil: t.field({
      type: 'DateTime',
      description: 'The first instant at which it is no longer in force.',
    }),
    locked: t.boolean({ description: 'More specific statements may only tighten it.' }),
  }),
});

const HostGroupMemberInput = builder.inputType('HostGroupMemberInput', {
  description: 'An address belongs to a host group.',
  fields: (t) => ({
    group: t.string({ required: true, description: 'Name of the host group.' }),
    address: t.string({ required: true, description: 'The address.' }),
  }),
});

const TargetRecordsInput = builder.inputType('TargetRecordsInput', {
  description: 'An inventory in the terms of this API. All of it together is one import.',
  fields: (t) => ({
    statements: t.field({ type: [TargetStatementInput], description: 'What is declared.' }),
    members: t.field({ type: [HostGroupMemberInput], description: 'Who belongs to which host group.' }),
    removals: t.stringList({ description: 'External ids of statements that no longer hold; for a patch.' }),
  }),
});

const TargetInventoryInput = builder.inputType('TargetInventoryInput', {
  description:
    'An inventory, in exactly one of these ways. What is larger than a request as JSON may be goes as a file.',
  isOneOf: true,
  fields: (t) => ({
    file: t.field({ type: 'File', description: 'A file of a multipart request, gzipped or not.' }),
    text: t.string({ description: 'The text of a file.' }),
    records: t.field({ type: TargetRecordsInput, description: 'Statement by statement.' }),
  }),
});

const BrakeOverrideInput = builder.inputType('BrakeOverrideInput', {
  description: 'The brakes that are let go.',
  fields: (t) => ({
    brakes: t.field({ type: [BrakeKind], required: true, description: 'Which ones.' }),
    reason: t.string({ required: true, description: 'Why; it is kept with the revision.' }),
  }),
});

/** The fields of an import that has not been planned yet. */
function requestFields(t: InputFields) {
  return {
    source: t.field({ type: TargetSourceSelector, required: true, description: 'Who declares it.' }),
    mode: t.field({ type: ImportMode, required: true, description: 'How the import is meant.' }),
    inventory: t.field({ type: TargetInventoryInput, required: true, description: 'The inventory.' }),
    format: t.string({ description: 'Name of the format; without it, it is detected.' }),
    profile: t.string({
      description: 'Name of a shipped mapping profile, or one as JSON, for XML and JSON of other programs.',
    }),
    defaultExpect: t.field({
      type: PortExpectation,
      description: 'What is said of ports where the inventory has no word for it; `REQUIRED` unless told.',
    }),
    defaultView: t.field({
      type: ScannerGroupSelector,
      description: 'The view of statements that name none; without it any.',
    }),
    defaultSelector: t.string({ description: 'Whom statements are about in formats that name nobody.' }),
    portsVariable: t.string({
      description: 'Name of the variable with the ports of an Ansible host; `open_ports` unless told.',
    }),
    reviewBy: t.field({ type: 'DateTime', description: 'Statements of a baseline hold until then.' }),
    networks: t.field({
      type: ['Network'],
      description: 'Of a snapshot: only what the source declares there is replaced; without it everything.',
    }),
    expectedRevision: t.int({
      description: 'The revision of the source that the caller knows; a snapshot that is applied needs it.',
    }),
  };
}

/** Who does something, and why. */
function originFields(t: InputFields) {
  return {
    actor: t.string({ description: 'Who does it; kept with the revision.' }),
    reason: t.string({ description: 'Why; kept with the revision. A baseline needs one.' }),
  };
}

/** The fields of an application: who does it, why, and against which brakes. */
function decisionFields(t: InputFields) {
  return {
    override: t.field({ type: BrakeOverrideInput, description: 'The brakes that are let go.' }),
    idempotencyKey: t.string({
      description: 'The same key with the same content is applied once and answered again.',
    }),
    ...originFields(t),
  };
}

const PlanTargetImportInput = builder.inputType('PlanTargetImportInput', {
  description: 'An inventory, and how it is meant.',
  fields: (t) => ({ ...requestFields(t), ...originFields(t) }),
});

const ApplyTargetImportInput = builder.inputType('ApplyTargetImportInput', {
  description: 'Which plan is applied.',
  fields: (t) => ({
    hash: t.string({ required: true, description: 'The hash of the plan.' }),
    ...decisionFields(t),
  }),
});

const ImportTargetInput = builder.inputType('ImportTargetInput', {
  description: 'An inventory, planned and applied at once.',
  fields: (t) => ({
    ...requestFields(t),
    ...decisionFields(t),
    dryRun: t.boolean({ required: true, defaultValue: false, description: 'Only say what it would do.' }),
  }),
});

type RequestInput = Omit<typeof PlanTargetImportInput.$inferInput, 'inventory'>;
type InventoryInput = typeof TargetInventoryInput.$inferInput;

async function requestOf(input: RequestInput, { loaders }: GraphqlContext): Promise<ImportRequest> {
  const { source, mode, defaultView, networks, ...rest } = input;
  checkLength(networks, 'networks');
  const { id: sourceId } = await get(loaders.targetSources, 'TargetSource', source);
  const view =
    defaultView == null ? undefined : await get(loaders.scannerGroups, 'ScannerGroup', defaultView);
  return { sourceId, mode, ...present({ ...rest, networks, defaultView: view?.name }) };
}

/** The bytes of an inventory; the format is settled where it is ours. Throws BadInput. */
function readInventory(input: InventoryInput, format: string | null | undefined) {
  if (input.file != null) return { bytes: input.file.stream() as AsyncIterable<Uint8Array> };
  if (input.text != null) return { bytes: bytesOf(input.text) };
  if (format != null && format !== nativeFormat) {
    throw new BadInput('"format" is for a file or a text; records have none', 'format');
  }
  return { bytes: nativeLines(input.records ?? {}), format: nativeFormat };
}

async function* bytesOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

type DecisionInput = Omit<typeof ApplyTargetImportInput.$inferInput, 'hash'>;

function decisionOf({ override, idempotencyKey, actor, reason }: DecisionInput) {
  checkLength(override?.brakes, 'brakes');
  return present({ override, idempotencyKey, actor, reason });
}

/** What can go wrong with an import. */
export const importErrors = [BadInput, NotFound, TargetRefused];

/** An import reads a whole inventory and assesses every host that it is about. */
const importCost = 1000;

builder.mutationFields((t) => ({
  planTargetImport: t.field({
    type: ImportPlan,
    description: 'Says what an import would do, to statements and to drift. Changes nothing.',
    complexity: importCost,
    errors: {
      types: importErrors,
      union: { description: 'The plan, or why there is none.' },
      result: { description: 'The plan.' },
      dataField: { name: 'plan', description: 'What the import would do; apply it by its hash.' },
    },
    args: { input: t.arg({ type: PlanTargetImportInput, required: true, description: 'The import.' }) },
    resolve: async (_, { input: { inventory, ...rest } }, context) => {
      const { bytes, ...settled } = readInventory(inventory, rest.format);
      const request = await requestOf({ ...rest, ...settled }, context);
      return context.application.targets.plan(request, bytes);
    },
  }),
  applyTargetImport: t.field({
    type: TargetImport,
    description: 'Does what a plan says, all of it or nothing.',
    complexity: importCost,
    errors: {
      types: importErrors,
      directResult: true,
      union: { description: 'What became of the plan, or why it is not applied.' },
    },
    args: { input: t.arg({ type: ApplyTargetImportInput, required: true, description: 'Which plan.' }) },
    resolve: async (_, { input: { hash, ...rest } }, { application, loaders }) => {
      loaders.forget();
      return application.targets.apply(hash, decisionOf(rest));
    },
  }),
  importTarget: t.field({
    type: TargetImport,
    description: 'Plans and applies an import at once. What a brake holds is not applied.',
    complexity: importCost,
    errors: {
      types: importErrors,
      directResult: true,
      union: { description: 'What became of the import, or why it is refused.' },
    },
    args: { input: t.arg({ type: ImportTargetInput, required: true, description: 'The import.' }) },
    resolve: async (_, { input }, context) => {
      const { inventory, dryRun, override, idempotencyKey, ...rest } = input;
      context.loaders.forget();
      const { bytes, ...settled } = readInventory(inventory, rest.format);
      const request = await requestOf({ ...rest, ...settled }, context);
      const decision = decisionOf({ override, idempotencyKey });
      const answer = await context.application.targets.importInventory(
        { ...request, ...decision, dryRun },
        bytes,
      );
      context.loaders.forget(); // What was read to understand the request has another revision now.
      return answer;
    },
  }),
}));
