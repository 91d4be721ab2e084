/** What one host says in a report of the tests: its open ports with their services. */
export interface HostOfReport {
  readonly address: string;
  readonly name?: string;
  readonly open: Readonly<Record<number, string>>;
}

/** A report of nmap on 192.0.2.0/29 with these hosts up; ports 1-1024 were looked at. `at` is its time. */
export function nmapReport(
  at: string,
  hosts: readonly HostOfReport[],
  ending: 'complete' | 'cut off' = 'complete',
) {
  const seconds = Date.parse(at) / 1000;
  const start = `<?xml version="1.0"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sV -R -p 1-1024 -oX - 192.0.2.0/29" start="${seconds - 10}" version="7.94">
<scaninfo type="connect" protocol="tcp" numservices="1024" services="1-1024"/>
${hosts.map((host) => hostElement(host, seconds)).join('')}`;
  if (ending === 'cut off') return start;
  return `${start}<runstats><finished time="${seconds}" exit="success"/><hosts up="${hosts.length}"/></runstats>
</nmaprun>
`;
}

function hostElement({ address, name, open }: HostOfReport, seconds: number): string {
  const ports = Object.entries(open).map(
    ([port, product]) => `<port protocol="tcp" portid="${port}"><state state="open" reason="syn-ack"/>
<service name="x" product="${product}" method="probed" conf="10"/></port>\n`,
  );
  return `<host starttime="${seconds - 9}" endtime="${seconds}"><status state="up" reason="syn-ack"/>
<address addr="${address}" addrtype="ipv4"/>
<hostnames>${name === undefined ? '' : `<hostname name="${name}" type="PTR"/>`}</hostnames>
<ports><extraports state="closed" count="${1024 - ports.length}"></extraports>
${ports.join('')}</ports></host>
`;
}
