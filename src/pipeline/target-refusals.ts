import { BadInput, NotFound, TargetRefused } from '../core/errors.ts';
import type { Instant } from '../core/observation.ts';
import { refuseUnfitText } from '../core/settings.ts';
import type { Brake, ImportRequest, TargetSource } from '../core/target-model.ts';
import { limits } from '../limits.ts';
import { placeText, type ReadInventory } from './target-inventory.ts';

/** What people say with an import is stored with its revision. Throws BadInput. */
export function refuseUnfitTexts({ actor, reason, override, idempotencyKey }: ImportRequest): void {
  const texts = { actor, reason, override: override?.reason, idempotencyKey };
  for (const [field, text] of Object.entries(texts)) {
    refuseUnfitText(text, { field, charactersMax: limits.descriptionCharactersMax });
  }
}

/** Not every document can be imported in every mode. Throws BadInput. */
export function refuseMode(
  request: ImportRequest,
  { isSnapshot, isComplete, format }: ReadInventory,
  now: Instant,
): void {
  if (format === 'nmap-baseline' && request.mode !== 'baseline') {
    throw new BadInput(
      'A scan says what was found, not what should be: import it with the mode "baseline", a reason, and the date until which it holds (reviewBy, --review-by)',
      'mode',
    );
  }
  if (request.mode === 'snapshot' && isComplete && !isSnapshot) {
    throw new BadInput(
      `A document of the format ${format} never stands for everything that a source declares: import it with the mode "patch"`,
      'mode',
    );
  }
  if (request.mode === 'baseline') refuseBaseline(request, format, now);
  if (request.mode === 'snapshot' || request.networks === undefined) return;
  throw new BadInput(
    `"networks" says what a snapshot replaces, and this is a ${request.mode}: leave it out`,
    'networks',
  );
}

function refuseBaseline(request: ImportRequest, format: string, now: Instant): void {
  if (format !== 'nmap-baseline') {
    throw new BadInput(
      `A baseline allows what a scan found open, and a document of the format ${format} says what should be: import it with the mode "patch" or "snapshot"`,
      'mode',
    );
  }
  if (request.reviewBy === undefined || request.reason === undefined || request.reason.trim() === '') {
    throw new BadInput(
      'A baseline allows what was found open: say why (reason), and until when it holds (reviewBy)',
      request.reviewBy === undefined ? 'reviewBy' : 'reason',
    );
  }
  if (request.reviewBy > now) return;
  throw new BadInput('The baseline would have ended already: give a future time (reviewBy)', 'reviewBy');
}

/** Why an import may not be applied as it is, with all brakes that hold it. Throws TargetRefused, BadInput. */
export function refuseUnfit(
  { mode, override }: ImportRequest,
  { rejected, rejectedCount }: Pick<ReadInventory, 'rejected' | 'rejectedCount'>,
  brakes: readonly Brake[],
): void {
  if (mode === 'snapshot' && brakes.some(({ kind }) => kind === 'truncated')) {
    throw new TargetRefused('CORRUPT', brakes.find(({ kind }) => kind === 'truncated')?.message ?? '');
  }
  if (mode === 'snapshot' && rejectedCount > 0) {
    const [first] = rejected;
    const where = first === undefined ? '?' : placeText(first);
    throw new TargetRefused(
      'UNREADABLE_ROWS',
      `${rejectedCount} rows cannot be used, the first at ${where}: ${first?.reason}. A snapshot is applied whole or not at all: correct them, or import it as a patch.`,
      { rows: rejected },
    );
  }
  if (override !== undefined && override.reason.trim() === '') {
    throw new BadInput('Letting a brake go needs a reason', 'reason');
  }
  const held = brakes.filter(({ kind }) => !(override?.brakes.includes(kind) ?? false));
  if (held.length === 0) return;
  throw new TargetRefused('BRAKES', held.map(({ message }) => message).join(' '), { brakes: held });
}

/** The source's revision must be the one that the caller knows. Throws TargetRefused, BadInput. */
export function refuseRevision({ expectedRevision, mode }: ImportRequest, source: TargetSource): void {
  if (expectedRevision === undefined && mode === 'snapshot' && source.revision > 0) {
    throw new BadInput(
      `A snapshot replaces what the source declares: say which of its revisions you know. Now it is ${source.revision} (expectedRevision, --expect-revision ${source.revision}).`,
      'expectedRevision',
    );
  }
  if (expectedRevision === undefined || expectedRevision === source.revision) return;
  throw new TargetRefused(
    'REVISION_MISMATCH',
    `The source "${source.name}" is at revision ${source.revision}, and ${expectedRevision} was expected: somebody imported meanwhile. Look at the change and try again.`,
  );
}

/** Throws NotFound. */
export function refuseNoSource(id: number): never {
  throw new NotFound(`There is no target source ${id}`);
}
