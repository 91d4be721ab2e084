/** One host of a report: its open ports, with what listens there. */
export interface ReportedHost {
  readonly address: string;
  readonly name?: string;
  /** `443/tcp` to the name of the service, or to its name, product and version. */
  readonly open?: Readonly<
    Record<string, string | readonly [name: string, product: string, version: string]>
  >;
}

export interface NmapRun {
  /** Target specifications, such as `10.0.0.0/24`. */
  readonly targets: string;
  /** Ports that were looked at, such as `22,80-90`. */
  readonly ports: string;
  readonly protocol?: 'tcp' | 'udp';
  readonly at: string;
  readonly hosts: readonly ReportedHost[];
  /** The run broke off; complete unless told. */
  readonly partial?: boolean;
}

/** A report as `nmap -v -oX` writes it. */
export function nmapReport({
  targets,
  ports,
  protocol = 'tcp',
  at,
  hosts,
  partial = false,
}: NmapRun): string {
  const end = Date.parse(at) / 1000;
  const flag = protocol === 'tcp' ? '-sS' : '-sU';
  const head = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -v ${flag} -p ${ports} -oX - ${targets}" start="${end - 10}" version="7.93" xmloutputversion="1.05">
<scaninfo type="${protocol === 'tcp' ? 'syn' : 'udp'}" protocol="${protocol}" numservices="1" services="${ports}"/>
`;
  const body = hosts.map((host) => hostElement(host, end)).join('');
  return partial
    ? head + body
    : `${head}${body}<runstats><finished time="${end}" elapsed="10" exit="success"/></runstats>\n</nmaprun>\n`;
}

function hostElement({ address, name, open = {} }: ReportedHost, end: number): string {
  const family = address.includes(':') ? 'ipv6' : 'ipv4';
  const hostnames = name === undefined ? '' : `<hostname name="${name}" type="PTR"/>`;
  const ports = Object.entries(open).map(([key, service]) => portElement(key, service));
  return `<host starttime="${end - 9}" endtime="${end - 1}"><status state="up" reason="echo-reply"/>
<address addr="${address}" addrtype="${family}"/><hostnames>${hostnames}</hostnames>
<ports><extraports state="closed" count="1"/>${ports.join('')}</ports></host>
`;
}

function portElement(key: string, service: string | readonly [string, string, string]): string {
  const [port, protocol] = key.split('/');
  const described =
    typeof service === 'string'
      ? `<service name="${service}" method="table"/>`
      : `<service name="${service[0]}" product="${service[1]}" version="${service[2]}" method="probed"/>`;
  return `<port protocol="${protocol}" portid="${port}"><state state="open" reason="syn-ack"/>${described}</port>\n`;
}
