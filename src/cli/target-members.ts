import type { Api } from './api.ts';

/** A member of a host group, as our own JSON has it. */
interface MemberNode {
  readonly group: string;
  readonly address: string;
}

const pageSize = 1000;

const document = /* GraphQL */ `
  query ($name: String!, $first: Int!, $offset: Int!) {
    source: targetSource(by: { name: $name }) { members(first: $first, offset: $offset) { group address } }
  }
`;

/** The members of host groups that a source declares now, page after page. */
export async function* memberPages(api: Api, name: string): AsyncGenerator<readonly MemberNode[]> {
  for (let offset = 0; ; offset += pageSize) {
    const { source } = await api.query<{ source: { members: readonly MemberNode[] } | null }>(document, {
      name,
      first: pageSize,
      offset,
    });
    const members = source?.members ?? [];
    yield members;
    if (members.length < pageSize) return;
  }
}

const counting = 'query ($name: String!) { source: targetSource(by: { name: $name }) { memberCount } }';

/** Says how many members an export leaves out, and why; undefined where there are none. */
export async function membersLeftOut(
  api: Api,
  name: string,
  why: 'no_column' | 'no_history',
): Promise<string | undefined> {
  const { source } = await api.query<{ source: { memberCount: number } | null }>(counting, { name });
  const count = source?.memberCount ?? 0;
  if (count === 0) return undefined;
  const members = `${count} ${count === 1 ? 'member' : 'members'} of host groups`;
  const reason =
    why === 'no_column'
      ? 'a table cannot hold them; -o jsonl does'
      : 'only what they are now is known, not what they were';
  return `Left out: ${members}: ${reason}.`;
}
