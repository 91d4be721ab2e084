import { expect } from 'vitest';
import { ask } from '../server/ask.ts';
import type { SeededServer } from './seeded-server.ts';

/** Asks the seeded server, and expects no error that the schema does not name. */
export function asking(server: SeededServer) {
  const query = async <T>(document: string, variables: Record<string, unknown> = {}): Promise<T> => {
    const { data, errors } = await ask(server.url(), document, variables);
    expect(errors).toBeUndefined();
    return data as T;
  };
  /** A mutation with one input: its answer, whatever it is. */
  const mutate = async <T = Record<string, unknown>>(
    document: string,
    input: Record<string, unknown>,
  ): Promise<T> => {
    const data = await query<Record<string, T>>(document, { input });
    return Object.values(data)[0] as T;
  };
  /** A new target source of this name. */
  const source = async (name: string, more: Record<string, unknown> = {}): Promise<string> => {
    const created = await mutate<{ targetSource: { id: string } }>(
      `mutation ($input: CreateTargetSourceInput!) {
        createTargetSource(input: $input) { ... on CreateTargetSourcePayload { targetSource { id } } }
      }`,
      { name, ...more },
    );
    return created.targetSource.id;
  };
  /** Imports statements as a patch. */
  const declare = (name: string, statements: readonly object[], more: Record<string, unknown> = {}) =>
    mutate<ImportAnswer>(importTarget, {
      source: { name },
      mode: 'PATCH',
      inventory: { records: { statements } },
      ...more,
    });
  return { query, mutate, source, declare };
}

/** What `importTarget` answers. */
export interface ImportAnswer {
  readonly __typename: string;
  readonly outcome?: string;
  readonly message?: string;
  readonly code?: string;
  readonly revision?: { readonly number: number } | null;
  readonly plan?: {
    readonly format: string;
    readonly hash: string;
    readonly counts: Readonly<Record<string, number>>;
    readonly items: readonly { readonly action: string; readonly externalId: string }[];
    readonly rejected: readonly { readonly line: number | null; readonly reason: string }[];
    readonly impact: Readonly<Record<string, number>>;
    readonly brakes: readonly { readonly kind: string }[];
  };
  readonly brakes?: readonly { readonly kind: string; readonly observed: string; readonly limit: string }[];
  readonly rows?: readonly { readonly line: number | null; readonly reason: string }[];
}

/** The fields of a plan that tests look at. */
export const planFields = `
  hash format counts { created updated deleted unchanged rejected skipped }
  impact { wouldOpen wouldResolve wouldHideForbidden assessed } brakes { kind observed limit message }
  items { action externalId before { selector view ports expect owner } after { selector view ports expect owner } }
  rejected { line record name reason } skipped { line reason }
`;

/** The errors of an import. */
export const refusal = `
  ... on Error { message }
  ... on TargetRefused { code brakes { kind observed limit message } rows { line reason } }
`;

/** The mutation with everything that tests look at. */
export const importTarget = `mutation ($input: ImportTargetInput!) {
  importTarget(input: $input) {
    __typename
    ... on TargetImport { outcome revision { number mode actor reason } plan { ${planFields} } }
    ${refusal}
  }
}`;
