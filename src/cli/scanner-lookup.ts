import { type Api, type Outcome, payloadOf, readPages } from './api.ts';
import { Failure } from './failure.ts';
import { nearest } from './nearest.ts';

/** A thing with a name. */
export interface Named {
  readonly id: string;
  readonly name: string;
}

type Noun = 'scanner' | 'scannerGroup' | 'addressSpace' | 'targetSource';

const nouns: Readonly<Record<Noun, { readonly words: string; readonly list: string; readonly add: string }>> =
  {
    scanner: { words: 'scanner', list: 'scanners', add: 'scanner add' },
    scannerGroup: { words: 'group', list: 'scannerGroups', add: 'group add' },
    addressSpace: { words: 'address space', list: 'addressSpaces', add: 'space add' },
    targetSource: { words: 'target source', list: 'targetSources', add: 'target source add' },
  };

/** The thing of this name. Throws Failure that names those that exist and how to add this one. */
export async function getNamed(api: Api, noun: Noun, name: string): Promise<Named> {
  const found = await findNamed(api, noun, name);
  if (found === undefined) throw new Failure(await whyMissing(api, noun, name));
  return found;
}

/** The scanner that a report is of, for commands that may also add it. */
export async function getSender(api: Api, name: string): Promise<Named> {
  const found = await findNamed(api, 'scanner', name);
  if (found !== undefined) return found;
  throw new Failure(`${await whyMissing(api, 'scanner', name)}, or say --create when a report comes in`);
}

async function whyMissing(api: Api, noun: Noun, name: string): Promise<string> {
  const known = await namesOf(api, noun);
  const { words, add } = nouns[noun];
  const others = known.length === 0 ? 'There is none yet.' : `Known: ${known.join(', ')}.`;
  const meant = nearest(name, known);
  const guess = meant === undefined ? '' : ` Did you mean "${meant}"?`;
  return `There is no ${words} "${name}". ${others}${guess} Add it with: drportscan ${add} ${quoted(name)}${api.place}`;
}

/** The thing of this name, or undefined. */
export async function findNamed(api: Api, noun: Noun, name: string): Promise<Named | undefined> {
  const document = `query ($name: String!) { found: ${noun}(by: { name: $name }) { id name } }`;
  const { found } = await api.query<{ found: Named | null }>(document, { name });
  return found ?? undefined;
}

const namesMax = 20;

async function namesOf(api: Api, noun: Noun): Promise<string[]> {
  const { list } = nouns[noun];
  const document = `
    query ($first: Int, $after: String) {
      ${list}(first: $first, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } }
    }
  `;
  const names: string[] = [];
  for await (const nodes of readPages<Named>(api, { document, field: list, limit: namesMax })) {
    names.push(...nodes.map(({ name }) => name));
  }
  return names;
}

/** The group that scanners are in unless told. */
export const defaultGroup = 'default';

/** The group of this name; the default group is made where it is missing. */
export async function groupFor(api: Api, name: string | undefined): Promise<Named> {
  if (name !== undefined && name !== defaultGroup) return getNamed(api, 'scannerGroup', name);
  return (await findNamed(api, 'scannerGroup', defaultGroup)) ?? createGroup(api, { name: defaultGroup });
}

/** A new scanner group. */
export interface NewGroup {
  readonly name: string;
  readonly description?: string;
  readonly agreementWindowSeconds?: number;
  readonly addressSpace?: { readonly name: string };
}

/** Adds a scanner group. */
export async function createGroup(api: Api, input: NewGroup): Promise<Named> {
  const { created } = await api.query<{ created: Outcome<{ scannerGroup: Named }> }>(createGroupDocument, {
    input,
  });
  return payloadOf(created).scannerGroup;
}

const createGroupDocument = /* GraphQL */ `
  mutation ($input: CreateScannerGroupInput!) {
    created: createScannerGroup(input: $input) {
      ... on Error { message }
      ... on CreateScannerGroupPayload { scannerGroup { id name } }
    }
  }
`;

/** Adds a scanner; `input` is the rest of `CreateScannerInput`. */
export async function createScanner(
  api: Api,
  name: string,
  group: Named,
  input: object = {},
): Promise<Named> {
  const { created } = await api.query<{ created: Outcome<{ scanner: Named }> }>(createScannerDocument, {
    input: { ...input, name, group: { id: group.id } },
  });
  return payloadOf(created).scanner;
}

const createScannerDocument = /* GraphQL */ `
  mutation ($input: CreateScannerInput!) {
    created: createScanner(input: $input) {
      ... on Error { message }
      ... on CreateScannerPayload { scanner { id name } }
    }
  }
`;

/** Removes a scanner by its id. */
export const scannerRemoval = /* GraphQL */ `
  mutation ($id: ID!) {
    outcome: deleteScanner(input: { id: $id }) {
      ... on Error { message }
      ... on DeleteScannerPayload { scanner { id name } }
    }
  }
`;

function quoted(name: string): string {
  return /^[\w.:@%+-]+$/.test(name) ? name : `'${name.replaceAll("'", `'\\''`)}'`;
}
