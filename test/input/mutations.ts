import fc from 'fast-check';

/** Pieces that change what a record means, or break it. */
const pieces = [
  '<',
  '>',
  '/',
  '"',
  "'",
  '&',
  ';',
  '=',
  ' ',
  '\n',
  '!',
  '?',
  '-->',
  '<!--',
  '<![CDATA[',
  ']]>',
  '<?x?>',
  '&#x1b;',
  '&amp;',
  '&foo;',
  '</host>',
  '</ports>',
  '<ports>',
  '</port>',
  '<port protocol="tcp" portid="99">',
  '<state state="open"/>',
  '<status state="down"/>',
  '<address addr="192.0.2.9" addrtype="ipv4"/>',
  '<address addr="2001:db8::9" addrtype="ipv6"/>',
  '<times srtt="1"/>',
  '<hostname name="x.example"/>',
  '<script id="a" output="b"/>',
  '<host',
  'endtime="5"',
  'timedout="true"',
  ' state="closed"',
  '\0',
  '\u00fc',
  '\ud83d\ude00',
  'open',
  '443',
  '<extraports state="closed" count="3"/>',
  '<extrareasons reason="reset" count="2" proto="tcp" ports="1-2"/>',
  '<service name="http" product="x"/>',
  '<cpe>cpe:/a:b</cpe>',
];

/** One change to a text: at a place (as a share of its length), drop some characters and put a piece there. */
export interface Mutation {
  readonly place: number;
  readonly drop: number;
  readonly piece: string;
}

/** One to four mutations. */
export const mutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.record({
    place: fc.double({ min: 0, max: 1, noNaN: true }),
    drop: fc.oneof({ weight: 3, arbitrary: fc.constant(0) }, fc.nat(12)),
    piece: fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...pieces) }, fc.string({ maxLength: 4 })),
  }),
  { minLength: 1, maxLength: 4 },
);

/** The text after all mutations. */
export function mutate(text: string, all: readonly Mutation[]): string {
  return all.reduce((changed, { place, drop, piece }) => {
    const at = Math.floor(place * changed.length);
    return changed.slice(0, at) + piece + changed.slice(at + drop);
  }, text);
}

/** Hosts in every shape that nmap writes. */
export const records: readonly string[] = [
  `<host starttime="1795406796" endtime="1795406799"><status state="up" reason="echo-reply" reason_ttl="63"/>
<address addr="192.0.2.1" addrtype="ipv4"/>
<address addr="02:00:00:00:00:01" addrtype="mac" vendor="Acme &amp; Sons"/>
<hostnames>
<hostname name="a.example" type="PTR"/>
<hostname name="b.example" type="user"/>
</hostnames>
<ports><extraports state="closed" count="97">
<extrareasons reason="reset" count="97" proto="tcp" ports="1-21,23-79,81-99"/>
</extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="63"/><service name="ssh" product="OpenSSH" version="9.2p1" extrainfo="protocol 2.0" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe></service><script id="ssh-hostkey" output="&#xa;  256 aa (ED25519)"><table><elem key="bits">256</elem></table></script></port>
<port protocol="tcp" portid="80"><state state="filtered" reason="no-response" reason_ttl="0"/><service name="http" method="table" conf="3"/></port>
</ports>
<os><osmatch name="Linux" accuracy="100"/></os><uptime seconds="5"/>
<times srtt="100" rttvar="50" to="100000"/>
</host>`,
  `<host><status state="down" reason="no-response" reason_ttl="0"/>
<address addr="2001:db8::1" addrtype="ipv6"/>
</host>`,
  `<host starttime="1" endtime="2" timedout="true"><status state="up" reason="user-set"/>
<address addr="192.0.2.2" addrtype="ipv4"/><hostnames/>
<times srtt="100" rttvar="50" to="100000"/>
</host>`,
  `<host endtime='7'><address addrtype = "ipv4"
 addr="192.0.2.3"></address><ports><port portid="53" protocol="udp"><state reason="x" state="open|filtered"></state></port><port protocol="sctp" portid="9"><state state="closed"/></port></ports></host>`,
];
