import { numberOf, type SourceFields, sourceFields, word } from './row-values.ts';

/** The fields of a scan with its receipt in a document. */
export const receiptFields = `
  id at receivedAt status complete digest
  addressSpace { name }
  ${sourceFields}
  receipt {
    format tool toolVersion args bytes startedAt endedAt timeOrigin partialReason heldReason
    scope { addresses addressOrigin ports portOrigin }
    hostsListed hostsUp hostsUnchanged endpointsOpen
    changes { kind count } baselineChanges retractions
    problems(first: 20) { offset line address reason } problemCount warnings durationMs
  }
`;

/** A scan with its receipt as the API has it. */
export interface ReceiptNode {
  readonly id: string;
  readonly at: string;
  readonly receivedAt: string;
  readonly status: string;
  readonly complete: boolean;
  readonly digest: string;
  readonly addressSpace: { readonly name: string };
  readonly scanner: SourceFields;
  readonly receipt: {
    readonly format: string;
    readonly tool: string;
    readonly toolVersion: string | null;
    readonly args: string | null;
    readonly bytes: string;
    readonly startedAt: string | null;
    readonly endedAt: string | null;
    readonly timeOrigin: string;
    readonly partialReason: string | null;
    readonly heldReason: string | null;
    readonly scope: {
      readonly addresses: readonly string[];
      readonly addressOrigin: string;
      readonly ports: string;
      readonly portOrigin: string;
    };
    readonly hostsListed: number;
    readonly hostsUp: number;
    readonly hostsUnchanged: number;
    readonly endpointsOpen: number;
    readonly changes: readonly { readonly kind: string; readonly count: number }[];
    readonly baselineChanges: number;
    readonly retractions: number;
    readonly problems: readonly {
      readonly offset: string;
      readonly line: number | null;
      readonly address: string | null;
      readonly reason: string;
    }[];
    readonly problemCount: number;
    readonly warnings: readonly string[];
    readonly durationMs: number;
  };
}

/** A scan with its receipt in JSON. */
export type ReceiptRow = ReturnType<typeof receiptRow>;

/** The row of a scan. */
export function receiptRow({ id, addressSpace, scanner, status, receipt, ...rest }: ReceiptNode) {
  const { scope, changes, bytes, timeOrigin, ...counts } = receipt;
  return {
    scan: numberOf(id),
    ...rest,
    status: word(status),
    space: addressSpace.name,
    scanner: scanner.name,
    group: scanner.group.name,
    ...counts,
    bytes: Number(bytes),
    timeOrigin: word(timeOrigin),
    scope: { ...scope, addressOrigin: word(scope.addressOrigin), portOrigin: word(scope.portOrigin) },
    changes: Object.fromEntries(changes.map(({ kind, count }) => [word(kind), count])),
  };
}
