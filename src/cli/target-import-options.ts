import { existsSync, readFileSync } from 'node:fs';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { brakeKinds, importModes } from '../core/target-model.ts';
import { present } from '../graphql/defined.ts';
import { importers } from '../inventory/importers.ts';
import { profiles } from '../inventory/profiles.ts';
import type { Variables } from './api.ts';
import { readMoment, readNetworks, readNumber, readWord, readWords } from './argument-values.ts';
import { Failure } from './failure.ts';
import { didYouMean } from './nearest.ts';

/** What an inventory does not say itself. */
export interface ImportOptions {
  readonly source: string;
  readonly mode: (typeof importModes)[number];
  readonly format?: string;
  readonly profile?: string;
  readonly network?: readonly string[];
  readonly defaultExpect?: string;
  readonly defaultView?: string;
  readonly defaultSelector?: string;
  readonly portsVariable?: string;
  readonly reviewBy?: string;
  readonly expectRevision?: number;
  readonly reason?: string;
  readonly actor?: string;
}

/** Who applies, why, and against which brakes. */
export interface DecisionOptions {
  readonly override?: readonly string[];
  readonly reason?: string;
  readonly actor?: string;
  readonly key?: string;
}

const expectations = ['required', 'allowed', 'forbidden'] as const;

/** Adds the options that say how an inventory is meant. */
export function addImportOptions(command: Command): Command {
  const about = (flags: string, description: string) =>
    new Option(flags, description).helpGroup('What the inventory does not say itself:');
  return command
    .argument('<file>', 'the inventory; - is standard input')
    .requiredOption('--source <name>', 'the target source that declares it')
    .addOption(
      new Option(
        '--mode <mode>',
        `${importModes.join(', ')}: instead of what was declared, besides it, or as seen`,
      )
        .argParser(readWord(importModes))
        .default('patch'),
    )
    .option('--network <networks>', 'of a snapshot: only what is declared there is replaced', readNetworks)
    .option(
      '--expect-revision <number>',
      'refuse if the source has another revision; a snapshot that is applied needs it',
      readNumber(0, Number.MAX_SAFE_INTEGER),
    )
    .option('--reason <text>', 'why; kept with the revision, and a baseline needs one')
    .option('--actor <name>', 'who does it; kept with the revision')
    .addOption(about('--format <name>', 'the format; without it, it is detected').argParser(readFormat))
    .addOption(
      about('--profile <name|file>', `a mapping profile: ${profiles.map(({ name }) => name).join(', ')}`),
    )
    .addOption(
      about('--default-expect <word>', 'what is said of ports without a word (else required)').argParser(
        readWord(expectations),
      ),
    )
    .addOption(about('--default-view <group>', 'the view of statements that name none (else any)'))
    .addOption(about('--default-selector <text>', 'whom statements are about that name nobody'))
    .addOption(about('--ports-variable <name>', "the variable with an Ansible host's ports"))
    .addOption(
      about('--review-by <time>', 'statements of a baseline hold until 2026-12-31').argParser(readLater),
    )
    .addHelpText('after', `\nFormats: ${importers.map(({ name }) => name).join(', ')}.`);
}

/** Adds the options of what is applied. */
export function addDecisionOptions(command: Command): Command {
  return command
    .addOption(
      new Option('--override <brakes>', `let go ${brakeKinds.join(', ')}; needs --reason`).argParser(
        readWords(brakeKinds),
      ),
    )
    .option('--key <text>', 'the same key with the same content is applied once');
}

/** The import in the terms of the API, without its inventory. */
export function importInput(options: ImportOptions): Variables {
  const { source, mode, profile, network, defaultExpect, defaultView, expectRevision, ...rest } = options;
  const { format, defaultSelector, portsVariable, reviewBy, reason, actor } = rest;
  return {
    source: { name: source },
    mode: mode.toUpperCase(),
    ...present({
      format,
      profile: profile === undefined ? undefined : profileText(profile),
      networks: network,
      defaultExpect: defaultExpect?.toUpperCase(),
      defaultView: defaultView === undefined ? undefined : { name: defaultView },
      defaultSelector,
      portsVariable,
      reviewBy,
      expectedRevision: expectRevision,
      reason,
      actor,
    }),
  };
}

/** The decision in the terms of the API. Throws Failure. */
export function decisionInput({ override, reason, actor, key }: DecisionOptions): Variables {
  if (override !== undefined && reason === undefined)
    throw new Failure('--override needs --reason: say why the brakes are let go');
  const brakes = override?.map((brake) => brake.toUpperCase());
  return present({
    override: brakes === undefined ? undefined : { brakes, reason },
    reason,
    actor,
    idempotencyKey: key,
  });
}

/** A moment that may lie ahead: a date, a time, or `90s`, `30m`, `6h`, `90d`, `4w` from now. */
export function readLater(text: string): string {
  const ahead = /^(\d{1,6})\s*([smhdw])$/.exec(text.trim());
  if (ahead === null) return readMoment(text);
  const unitMs = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
  return new Date(Date.now() + Number(ahead[1]) * unitMs[ahead[2] as keyof typeof unitMs]).toISOString();
}

/** The name of an inventory format. */
export function readFormat(text: string): string {
  const names = importers.map(({ name }) => name);
  if (names.includes(text)) return text;
  throw new InvalidArgumentError(`Known are ${names.join(', ')}.${didYouMean(text, names)}`);
}

/** A whole number, also a negative one. */
export function readWholeNumber(text: string): number {
  if (!/^-?\d{1,9}$/.test(text.trim())) throw new InvalidArgumentError('It must be a whole number.');
  return Number(text);
}

/** The name of a shipped profile, or the text of a file. */
function profileText(profile: string): string {
  if (profiles.some(({ name }) => name === profile)) return profile;
  if (existsSync(profile)) return readFileSync(profile, 'utf8');
  const names = profiles.map(({ name }) => name).join(', ');
  throw new Failure(`There is no mapping profile "${profile}": name one of ${names}, or a file with one`);
}
