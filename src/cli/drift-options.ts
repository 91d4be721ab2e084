import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { driftKinds } from '../core/drift.ts';
import { driftCauses } from '../core/drift-model.ts';
import type { Variables } from './api.ts';
import { readMoment, readTexts, readWords } from './argument-values.ts';
import {
  addNetworkOptions,
  addPortOptions,
  enumValues,
  filter,
  type NetworkOptions,
  networkFilter,
  type PortOptions,
  portFilter,
} from './row-options.ts';

/** Which part of the target is meant. */
export interface PartOptions extends PlaceOptions {
  readonly view?: readonly string[];
  readonly space?: readonly string[];
  readonly network?: readonly string[];
  readonly owner?: readonly string[];
}

/** Which drift is meant. */
export interface DriftFilterOptions extends PartOptions, NetworkOptions, PortOptions {
  readonly kind?: readonly string[];
  readonly side?: readonly string[];
  readonly state?: readonly string[];
  readonly cause?: readonly string[];
  readonly openedAfter?: string;
  readonly openedBefore?: string;
  readonly acknowledged?: boolean;
  readonly waived?: boolean;
  readonly unverifiable?: boolean;
  readonly flapping?: boolean;
}

/** Adds the options that say from where. */
export function addViewOptions(command: Command): Command {
  return command
    .addOption(filter('--view <group>', 'seen from this scanner group (repeatable)').argParser(readTexts))
    .addOption(filter('--space <name>', 'in this address space (repeatable)').argParser(readTexts));
}

const sides = ['missing', 'excess'] as const;
const states = ['open', 'resolved'] as const;

/** Adds the options that say which drift. */
export function addDriftFilterOptions(command: Command): Command {
  addPortOptions(addNetworkOptions(addViewOptions(command)));
  return command
    .addOption(filter('--kind <words>', `one of ${driftKinds.join(', ')}`).argParser(readWords(driftKinds)))
    .addOption(filter('--side <words>', `one of ${sides.join(', ')}`).argParser(readWords(sides)))
    .addOption(
      filter('--state <words>', `one of ${states.join(', ')} (else open)`).argParser(readWords(states)),
    )
    .addOption(filter('--owner <name>', 'of this owner (repeatable)').argParser(readTexts))
    .addOption(
      filter('--cause <words>', `opened by one of ${driftCauses.join(', ')}`).argParser(
        readWords(driftCauses),
      ),
    )
    .addOption(
      filter('--opened-after <time>', 'opened at 2026-11-23T10:15:00Z or later, or in the last 6h').argParser(
        readMoment,
      ),
    )
    .addOption(
      filter('--opened-before <time>', 'opened before that, or more than 7d ago').argParser(readMoment),
    )
    .addOption(filter('--acknowledged', 'only what somebody has seen'))
    .addOption(filter('--no-acknowledged', 'only the others'))
    .addOption(filter('--waived', 'only what is accepted for now'))
    .addOption(filter('--no-waived', 'only the others'))
    .addOption(filter('--unverifiable', 'only what nobody can verify any more'))
    .addOption(filter('--no-unverifiable', 'only the others'))
    .addOption(filter('--flapping', 'only what comes and goes'))
    .addOption(filter('--no-flapping', 'only the others'));
}

/** From where, as a filter of the API. */
export function viewFilter({ view, space }: PartOptions): Variables {
  const named = (names: readonly string[] | undefined) => names?.map((name) => ({ name }));
  return { scannerGroups: named(view), addressSpaces: named(space) };
}

/** The part of a filter that drift items and their events share. */
export function sharedFilter(options: DriftFilterOptions): Variables {
  const { owner, acknowledged, waived, unverifiable, flapping } = options;
  return {
    ...viewFilter(options),
    ...networkFilter(options),
    ...portFilter(options),
    kinds: enumValues(options.kind),
    sides: enumValues(options.side),
    causes: enumValues(options.cause),
    owners: owner,
    acknowledged,
    waived,
    unverifiable,
    flapping,
  };
}

/** Which drift, as a filter of the API. */
export function driftFilter(options: DriftFilterOptions): Variables {
  const { openedAfter, openedBefore } = options;
  return { ...sharedFilter(options), states: enumValues(options.state), openedAfter, openedBefore };
}

/** Whether a filter asks for a part of the target, and not for some of its drift: then coverage can be told. */
export function isPartOnly(options: DriftFilterOptions): boolean {
  const { waived } = options;
  const part = { ...viewFilter({}), networks: undefined, owners: undefined, ports: undefined };
  const rest = { ...driftFilter(options), ...part, waived: waived === false ? undefined : waived };
  return Object.values(rest).every((value) => value === undefined);
}
