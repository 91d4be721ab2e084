import { defaultThresholds, type Thresholds } from '../core/fold.ts';
import {
  readDefaultAddresses,
  readDefaultPorts,
  readShare,
  readWhole,
  type ScannerInput,
} from '../core/settings.ts';
import { limits } from '../limits.ts';
import { labelsOf } from './labels.ts';

/** The settings of a scanner, checked. Undefined: not given. Null: taken away (name and description: not given). */
export interface ScannerSettings extends Partial<Thresholds> {
  readonly name: string | null;
  readonly description: string | null;
  readonly defaultAddresses?: readonly string[] | null;
  readonly defaultPorts?: string | null;
  readonly expectEverySeconds?: number | null;
  readonly guardShare?: number;
  readonly bogusPorts?: number;
  /** What a new scanner gets where nothing is given. */
  readonly fallbacks: Thresholds & { readonly guardShare: number; readonly bogusPorts: number };
}

/** Checks what people say about a scanner. Throws BadInput. */
export function scannerSettings(input: Partial<ScannerInput>): ScannerSettings {
  const { defaultAddresses, defaultPorts, expectEverySeconds, guardShare, bogusPorts } = input;
  const rangesMax = limits.defaultScopeRangesMax;
  return {
    ...labelsOf(input),
    ...checkedThresholds(input.thresholds ?? {}),
    ...(defaultAddresses === undefined
      ? {}
      : { defaultAddresses: defaultAddresses && readDefaultAddresses(defaultAddresses, { rangesMax }) }),
    ...(defaultPorts === undefined
      ? {}
      : { defaultPorts: defaultPorts === null ? null : readDefaultPorts(defaultPorts) }),
    ...(expectEverySeconds === undefined
      ? {}
      : { expectEverySeconds: expectEverySeconds === null ? null : secondsOf(expectEverySeconds) }),
    ...(guardShare === undefined ? {} : { guardShare: readShare(guardShare, 'guardShare') }),
    ...(bogusPorts === undefined
      ? {}
      : { bogusPorts: readWhole(bogusPorts, 'bogusPorts', { min: 1, max: 65_536 }) }),
    fallbacks: { ...defaultThresholds, guardShare: 0.5, bogusPorts: 1000 },
  };
}

function secondsOf(value: number): number {
  return readWhole(value, 'expectEverySeconds', { min: 1, max: limits.settingSecondsMax });
}

/** Thresholds within their bounds; what is not given is left out. Throws BadInput. */
export function checkedThresholds(thresholds: Partial<Thresholds>): Partial<Thresholds> {
  const checked: { -readonly [Field in keyof Thresholds]?: number } = {};
  for (const field of Object.keys(defaultThresholds) as (keyof Thresholds)[]) {
    const value = thresholds[field];
    const max = field === 'reopenWindowDays' ? limits.reopenWindowDaysMax : limits.thresholdScansMax;
    if (value !== undefined)
      checked[field] = readWhole(value, field, { min: field === 'reopenWindowDays' ? 0 : 1, max });
  }
  return checked;
}
