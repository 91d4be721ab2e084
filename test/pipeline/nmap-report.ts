/** A host as a small nmap report lists it. */
export interface ListedHost {
  readonly address: string;
  readonly status?: 'up' | 'down';
  readonly names?: readonly string[];
  /** `22 open`, `80 closed`, `443 open https` with the service that was probed. */
  readonly ports?: readonly string[];
  readonly timedOut?: boolean;
}

/** A small nmap report: by default a complete scan of 10.0.0.0/24 for 22/tcp and 80/tcp. */
export interface SmallReport {
  /** ISO 8601. */
  readonly endedAt?: string;
  readonly options?: string;
  readonly targets?: string;
  readonly ports?: string | undefined;
  readonly hosts?: readonly (ListedHost | string)[];
  readonly exit?: string;
}

/** Writes the report as nmap does. Hosts that are given as text are written as they are. */
export function nmapReport({
  endedAt = '2026-03-01T00:00:00Z',
  options = '-v',
  targets = '10.0.0.0/24',
  ports = '22,80',
  hosts = [],
  exit = 'success',
}: SmallReport = {}): string {
  const seconds = Date.parse(endedAt) / 1000;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<!DOCTYPE nmaprun>',
    `<nmaprun scanner="nmap" args="nmap ${options} ${targets}" start="${seconds - 60}" version="7.95" xmloutputversion="1.05">`,
    ports === '' ? '' : `<scaninfo type="syn" protocol="tcp" numservices="2" services="${ports}"/>`,
    ...hosts.map((host) => (typeof host === 'string' ? host : hostElement(host))),
    `<runstats><finished time="${seconds}" timestr="" summary="" elapsed="60" exit="${exit}"/><hosts up="1" down="0" total="1"/></runstats>`,
    '</nmaprun>\n',
  ].join('\n');
}

/** One host element. Ports that are not listed are closed. */
export function hostElement({
  address,
  status = 'up',
  names = [],
  ports = [],
  timedOut,
}: ListedHost): string {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  return [
    `<host${timedOut ? ' timedout="true"' : ''}><status state="${status}" reason="echo-reply" reason_ttl="0"/>`,
    `<address addr="${address}" addrtype="${family}"/>`,
    `<hostnames>${names.map((name) => `<hostname name="${name}" type="PTR"/>`).join('')}</hostnames>`,
    `<ports>${ports.map(portElement).join('')}</ports>`,
    '</host>',
  ].join('\n');
}

function portElement(text: string): string {
  const [port, state, service] = text.split(' ');
  const probed =
    service === undefined
      ? ''
      : `<service name="${service}" product="${service}d" method="probed" conf="10"/>`;
  return `<port protocol="tcp" portid="${port}"><state state="${state}" reason="syn-ack" reason_ttl="0"/>${probed}</port>`;
}
