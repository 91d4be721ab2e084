import type { Service } from './observation.ts';

/** What the field calls a service, and what nmap calls it. */
const otherNames: Readonly<Record<string, string>> = {
  cifs: 'microsoft-ds',
  dns: 'domain',
  mssql: 'ms-sql-s',
  postgres: 'postgresql',
  rdp: 'ms-wbt-server',
  smb: 'microsoft-ds',
};

/** Names by which a scanner says that it found out nothing. */
const noNames: ReadonlySet<string> = new Set(['unknown', 'tcpwrapped']);

/**
 * Whether another service than the declared one was found behind a port: none of those that scanners probed goes by
 * its name. Names that were only looked up by the number of the port say nothing.
 */
export function isOtherService(declared: string, found: readonly Service[]): boolean {
  const telling = found.filter(tells);
  return telling.length > 0 && !telling.some((service) => goesBy(service, declared.trim().toLowerCase()));
}

function tells({ probed, name, product }: Service): boolean {
  if (!probed) return false;
  return product !== undefined || (name !== undefined && !noNames.has(name.toLowerCase()));
}

/** `https`, `ssl/http` and `http` for HTTP in TLS; `nginx` and `Apache` for products; `rdp` for `ms-wbt-server`. */
function goesBy({ name = '', product = '', tunnel }: Service, declared: string): boolean {
  const plain = name.toLowerCase();
  const names = tunnel === undefined ? [plain] : [plain, `${plain}s`, `${tunnel.toLowerCase()}/${plain}`];
  if (names.includes(declared) || names.includes(otherNames[declared] ?? declared)) return true;
  return ` ${product.toLowerCase()} `.includes(` ${declared} `);
}
