/** A JSON object of members that are JSON texts already, in their order; undefined members are left out. */
export function objectText(members: Readonly<Record<string, string | undefined>>): string {
  let text = '';
  for (const name in members) {
    const member = members[name];
    if (member !== undefined) text += `${text === '' ? '' : ','}"${name}":${member}`;
  }
  return `{${text}}`;
}
