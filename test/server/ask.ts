/** The parts of an answer that tests look at. */
export interface Answer {
  readonly status: number;
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
  readonly extensions?: Record<string, unknown>;
  readonly text: string;
}

/** Sends one GraphQL request as programs do. */
export async function ask(
  url: string,
  query: string,
  variables: Record<string, unknown> = {},
  rest: Record<string, unknown> = {},
): Promise<Answer> {
  const response = await fetch(`${url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json' },
    body: JSON.stringify({ query, variables, ...rest }),
  });
  const text = await response.text();
  return { status: response.status, text, ...(JSON.parse(text) as object) };
}

/** The code of the first error. */
export function codeOf({ errors }: Answer): unknown {
  return errors?.[0]?.extensions?.['code'];
}

/** One field of the answer's data, which is expected to be there. */
export function fieldOf<T>({ data, text }: Answer, name: string): T {
  const value = data?.[name];
  if (value === undefined || value === null) throw new Error(`The answer has no "${name}": ${text}`);
  return value as T;
}
