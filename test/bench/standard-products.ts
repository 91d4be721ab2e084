import type { Chance } from './chance.ts';

/** What stands between `<port>` and `</port>`, for a port that is open. */
export type ServiceWriter = (host: HostTraits) => string;

/** What is particular about a host and one of its ports, and stays from scan to scan. */
export interface HostTraits {
  readonly chance: Chance;
  readonly name: string;
  /** 1 where this host has changed: then it runs other versions of OpenSSH. */
  readonly revision: 0 | 1;
}

/** The ports of `nmap -F`, as `<scaninfo services>` writes them. */
export const portList =
  '7,9,13,21-23,25-26,37,53,79-81,88,106,110-111,113,119,135,139,143-144,179,199,389,427,443-445,465,513-515,' +
  '543-544,548,554,587,631,646,873,990,993,995,1025-1029,1110,1433,1720,1723,1755,1900,2000-2001,2049,2121,2717,' +
  '3000,3128,3306,3389,3986,4899,5000,5009,5051,5060,5101,5190,5357,5432,5631,5666,5800,5900,6000-6001,6646,7070,' +
  '8000,8008-8009,8080-8081,8443,8888,9100,9999-10000,32768,49152-49157';

/** The single ports of the list. */
export const ports: readonly number[] = portList.split(',').flatMap((part) => {
  const [first = 0, last = first] = part.split('-').map(Number);
  return Array.from({ length: last - first + 1 }, (_, i) => first + i);
});

/** The open port's inside: found out by probing for the common ones, named from the table for the others. */
export function writeService(port: number, host: HostTraits): string {
  const probed = writers.get(port);
  if (probed !== undefined && host.chance() < 0.8) return probed(host);
  const name = tableNames.get(port) ?? 'unknown';
  return `<service name="${name}" method="table" conf="3"/>`;
}

const tableNames = new Map<number, string>([
  [7, 'echo'],
  [9, 'discard'],
  [13, 'daytime'],
  [37, 'time'],
  [79, 'finger'],
  [88, 'kerberos-sec'],
  [113, 'ident'],
  [119, 'nntp'],
  [179, 'bgp'],
  [199, 'smux'],
  [389, 'ldap'],
  [427, 'svrloc'],
  [513, 'login'],
  [514, 'shell'],
  [515, 'printer'],
  [548, 'afp'],
  [554, 'rtsp'],
  [631, 'ipp'],
  [873, 'rsync'],
  [1433, 'ms-sql-s'],
  [1720, 'h323q931'],
  [1723, 'pptp'],
  [1900, 'upnp'],
  [2000, 'cisco-sccp'],
  [3128, 'squid-http'],
  [5060, 'sip'],
  [5357, 'wsdapi'],
  [5900, 'vnc'],
  [6000, 'X11'],
  [9100, 'jetdirect'],
]);

interface Probed {
  readonly name: string;
  readonly product: string;
  readonly versions: readonly string[];
  readonly more?: string;
  readonly cpe: string;
  readonly script?: (host: HostTraits) => string;
}

function probed({ name, product, versions, more = '', cpe, script }: Probed): ServiceWriter {
  return (host) => {
    const place = Math.floor(host.chance() * versions.length) + (name === 'ssh' ? host.revision : 0);
    const version = versions[place % versions.length] as string;
    return (
      `<service name="${name}" product="${product}" version="${version}"${more} method="probed" conf="10">` +
      `<cpe>cpe:/a:${cpe}:${version.split(' ')[0]}</cpe></service>${script?.(host) ?? ''}`
    );
  };
}

function hexBytes(chance: Chance, count: number): string {
  return Array.from({ length: count }, () =>
    Math.floor(chance() * 256)
      .toString(16)
      .padStart(2, '0'),
  ).join(':');
}

/** Keys of its own for each host: no two of these texts are equal. */
function hostKeys({ chance }: HostTraits): string {
  const keys = [
    { type: 'ecdsa-sha2-nistp256', bits: 256, print: hexBytes(chance, 16) },
    { type: 'ssh-ed25519', bits: 256, print: hexBytes(chance, 16) },
  ];
  const output = keys.map(({ type, bits, print }) => `&#xa;  ${bits} ${print} (${type})`).join('');
  const tables = keys.map(
    ({ type, bits, print }) =>
      `<table>\n<elem key="type">${type}</elem>\n<elem key="bits">${bits}</elem>\n` +
      `<elem key="fingerprint">${print.replaceAll(':', '')}</elem>\n</table>\n`,
  );
  return `<script id="ssh-hostkey" output="${output}">${tables.join('')}</script>`;
}

const titles = [
  'Welcome to nginx!',
  'Apache2 Ubuntu Default Page: It works',
  'IIS Windows Server',
  'Login',
  'RouterOS',
];

function pageTitle({ chance }: HostTraits): string {
  const title = titles[Math.floor(chance() * titles.length)] as string;
  return `<script id="http-title" output="${title}"><elem key="title">${title}</elem></script>`;
}

function certificate({ chance, name }: HostTraits): string {
  const serial = hexBytes(chance, 8);
  return (
    `<script id="ssl-cert" output="Subject: commonName=${name}&#xa;Not valid before: 2025-03-01T00:00:00&#xa;` +
    `Not valid after:  2027-03-01T00:00:00"><table key="subject">\n<elem key="commonName">${name}</elem>\n</table>\n` +
    `<table key="issuer">\n<elem key="commonName">Example CA</elem>\n</table>\n` +
    `<table key="pubkey">\n<elem key="type">rsa</elem>\n<elem key="bits">2048</elem>\n</table>\n` +
    `<elem key="sig_algo">sha256WithRSAEncryption</elem>\n<elem key="serial">${serial}</elem></script>`
  );
}

const web = { name: 'http', script: pageTitle };
const nginx = {
  ...web,
  product: 'nginx',
  versions: ['1.14.2', '1.18.0', '1.22.1', '1.24.0'],
  cpe: 'igor_sysoev:nginx',
};
const apache = {
  ...web,
  product: 'Apache httpd',
  versions: ['2.4.38', '2.4.41', '2.4.52', '2.4.57'],
  more: ' extrainfo="(Ubuntu)"',
  cpe: 'apache:http_server',
};

const writers = new Map<number, ServiceWriter>([
  [
    21,
    probed({ name: 'ftp', product: 'vsftpd', versions: ['2.3.4', '3.0.3', '3.0.5'], cpe: 'vsftpd:vsftpd' }),
  ],
  [
    22,
    probed({
      name: 'ssh',
      product: 'OpenSSH',
      versions: ['7.4', '8.2p1 Ubuntu 4ubuntu0.5', '8.9p1 Ubuntu 3ubuntu0.6', '9.2p1 Debian 2+deb12u2'],
      more: ' extrainfo="protocol 2.0" ostype="Linux"',
      cpe: 'openbsd:openssh',
      script: hostKeys,
    }),
  ],
  [25, probed({ name: 'smtp', product: 'Postfix smtpd', versions: ['3.4', '3.6'], cpe: 'postfix:postfix' })],
  [53, probed({ name: 'domain', product: 'ISC BIND', versions: ['9.16.1', '9.18.19'], cpe: 'isc:bind' })],
  [80, probed(nginx)],
  [110, probed({ name: 'pop3', product: 'Dovecot pop3d', versions: ['2.3'], cpe: 'dovecot:dovecot' })],
  [143, probed({ name: 'imap', product: 'Dovecot imapd', versions: ['2.3'], cpe: 'dovecot:dovecot' })],
  [443, probed({ ...apache, more: ' extrainfo="(Ubuntu)" tunnel="ssl"', script: certificate })],
  [
    445,
    probed({ name: 'netbios-ssn', product: 'Samba smbd', versions: ['4.15', '4.17'], cpe: 'samba:samba' }),
  ],
  [
    993,
    probed({
      name: 'imap',
      product: 'Dovecot imapd',
      versions: ['2.3'],
      more: ' tunnel="ssl"',
      cpe: 'dovecot:dovecot',
      script: certificate,
    }),
  ],
  [3306, probed({ name: 'mysql', product: 'MySQL', versions: ['5.7.42', '8.0.35'], cpe: 'mysql:mysql' })],
  [
    3389,
    probed({
      name: 'ms-wbt-server',
      product: 'Microsoft Terminal Services',
      versions: ['10.0.17763', '10.0.20348'],
      more: ' ostype="Windows"',
      cpe: 'microsoft:terminal_services',
      script: certificate,
    }),
  ],
  [
    5432,
    probed({
      name: 'postgresql',
      product: 'PostgreSQL DB',
      versions: ['9.6.0', '13.1'],
      cpe: 'postgresql:postgresql',
    }),
  ],
  [8000, probed(nginx)],
  [8080, probed(apache)],
  [8443, probed({ ...nginx, more: ' tunnel="ssl"', script: certificate })],
]);
