import { type ChangeKind, changeCode, codeOfSpan } from '../core/change.ts';
import type { Instant } from '../core/observation.ts';
import type { Application, PreparedUpload, UploadResult } from '../graphql/context.ts';
import { encodeGlobalId } from '../graphql/global-id.ts';

/** An upload for programs without GraphQL: times as text, ids as in the API. */
export async function uploadJson(application: Application, upload: PreparedUpload) {
  const { id, parts, received, failure, result, expiresAt } = upload;
  return {
    id,
    parts,
    received,
    expiresAt: time(expiresAt),
    failure: failure ?? null,
    result: result === undefined ? null : await resultJson(application, result),
  };
}

/** A receipt for programs without GraphQL. */
export async function resultJson(application: Application, { scan, scans, repeated, note }: UploadResult) {
  const scanner = await application.scanners.find(scan.scannerId);
  const { startedAt, endedAt, problems, changes, ...receipt } = scan.receipt;
  return {
    repeated,
    ...(note === undefined ? {} : { note }),
    scans: scans.map(({ id }) => encodeGlobalId('Scan', String(id))),
    scan: {
      id: encodeGlobalId('Scan', String(scan.id)),
      scanner: scanner?.name ?? null,
      status: scan.status,
      at: time(scan.at),
      receivedAt: time(scan.receivedAt),
      complete: scan.complete,
      receipt: {
        ...receipt,
        startedAt: startedAt === undefined ? null : time(startedAt),
        endedAt: endedAt === undefined ? null : time(endedAt),
        changes,
        changeCode: codeOfSpan(Object.keys(changes).filter(isKind)),
        problems: problems.slice(0, 20),
      },
    },
  };
}

function isKind(word: string): word is ChangeKind {
  return word in changeCode;
}

function time(instant: Instant): string {
  return new Date(instant).toISOString();
}
