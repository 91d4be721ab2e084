import { lastPosition } from './address.ts';
import { formatSelector } from './selector.ts';
import type { NamedStatement } from './target-difference.ts';
import type { Brake, DriftImpact, ImportMode, TargetSource } from './target-model.ts';

/** What an import would do, as far as a brake looks at it. */
export interface Braking {
  readonly mode: ImportMode;
  readonly source: TargetSource;
  /** Statements that the import wants. */
  readonly wanted: number;
  /** Statements that stand in its scope, and how many of them it takes away. */
  readonly standing: number;
  readonly deleted: number;
  /** Statements that are new, or say something else than before. */
  readonly changed: readonly NamedStatement[];
  readonly impact: DriftImpact;
  readonly isTruncated: boolean;
  readonly truncation: string | undefined;
  readonly externalRevision: string | undefined;
}

/** Open forbidden items that one import may resolve unasked. */
const hiddenForbiddenMax = 20;

/** Allowing everything in more than these networks is weakening. */
const widestAllowed = { 4: 16, 6: 32 } as const;

/** Why an import should not be applied unless somebody says so. */
export function brakesOf(braking: Braking): Brake[] {
  return [
    emptySnapshot(braking),
    tooManyDeletes(braking),
    wideAllowed(braking),
    hidesForbidden(braking),
    truncated(braking),
    older(braking),
  ].filter((brake) => brake !== undefined);
}

function brake(kind: Brake['kind'], said: { observed: string; limit: string; message: string }): Brake {
  return {
    kind,
    ...said,
    message: `${said.message} Let the brake "${kind}" go, with a reason, if it is meant.`,
  };
}

function emptySnapshot({ mode, wanted }: Braking): Brake | undefined {
  if (mode !== 'snapshot' || wanted > 0) return undefined;
  return brake('empty_snapshot', {
    observed: '0 statements',
    limit: 'at least 1',
    message: 'The snapshot declares nothing: a filter or an outage may have emptied it.',
  });
}

function tooManyDeletes({ source, standing, deleted }: Braking): Brake | undefined {
  const limit = Math.max(1, Math.floor(standing * source.deleteShare));
  if (deleted <= limit) return undefined;
  const percent = Math.round(source.deleteShare * 100);
  return brake('deletes', {
    observed: `${deleted} of ${standing}`,
    limit: `${limit} (${percent} %)`,
    message: `It would take away ${deleted} of ${standing} statements, and ${limit} (${percent} %) are the limit.`,
  });
}

function wideAllowed({ changed }: Braking): Brake | undefined {
  const wide = changed.find(({ selector, subject }) => subject.expect === 'allowed' && isWide(selector));
  if (wide === undefined) return undefined;
  const observed = formatSelector(wide.selector);
  return brake('wide_allowed', {
    observed,
    limit: `/${widestAllowed[4]} or ::/${widestAllowed[6]}`,
    message: `"${wide.externalId}" allows ports on ${observed}, which is wider than /${widestAllowed[4]} or ::/${widestAllowed[6]}.`,
  });
}

function isWide(selector: NamedStatement['selector']): boolean {
  if (selector.kind === 'all') return true;
  if (selector.kind !== 'cidr') return false;
  return selector.prefix < widestAllowed[selector.last <= lastPosition[4] ? 4 : 6];
}

function hidesForbidden({ impact: { wouldHideForbidden } }: Braking): Brake | undefined {
  if (wouldHideForbidden <= hiddenForbiddenMax) return undefined;
  return brake('resolves_forbidden', {
    observed: String(wouldHideForbidden),
    limit: String(hiddenForbiddenMax),
    message: `It would resolve ${wouldHideForbidden} open items about what is forbidden, and ${hiddenForbiddenMax} are the limit.`,
  });
}

function truncated({ isTruncated, truncation }: Braking): Brake | undefined {
  if (!isTruncated) return undefined;
  return brake('truncated', {
    observed: truncation ?? 'no end',
    limit: 'a whole document',
    message: `The document is not whole: ${truncation ?? 'its end was not seen'}.`,
  });
}

function older({ source, externalRevision }: Braking): Brake | undefined {
  const known = source.externalRevision;
  if (known === undefined || externalRevision === undefined || !isOlder(externalRevision, known))
    return undefined;
  return brake('older_revision', {
    observed: externalRevision,
    limit: known,
    message: `The inventory is of ${externalRevision}, and that of ${known} was applied before.`,
  });
}

/** Numbers are compared as numbers, times as the same inventory writes them; anything else is not compared. */
function isOlder(a: string, b: string): boolean {
  if (/^\d+$/.test(a) && /^\d+$/.test(b)) return BigInt(a) < BigInt(b);
  const isTime = (text: string) => /^\d{4}-\d\d-\d\d/.test(text);
  return isTime(a) && isTime(b) && a < b;
}
