/** One report on the example network. */
export interface DemoReport {
  readonly scanner: string;
  readonly xml: string;
}

/** The moment to which the times in the reports below refer, in seconds since 1970. */
const madeAt = 1795435200;

/** The reports in the order of their times, all times moved so that the last scan was half an hour before `now`. */
export function demoReports(now: number): readonly DemoReport[] {
  const shift = Math.floor(now / 1000) - madeAt;
  const moved = (xml: string) =>
    xml.replace(/\b(start|time|starttime|endtime)="(\d{10})"/g, (_all, name: string, seconds: string) => {
      return `${name}="${Number(seconds) + shift}"`;
    });
  return reports.map(([scanner, xml]) => ({ scanner, xml: moved(xml) }));
}

/**
 * Reports of nmap 7.93 on addresses of the loopback interface, where listeners of ours answered. Edited afterwards:
 * times were moved apart, addresses without a listener were taken out (on loopback every address is up), and the third
 * report from outside was cut off.
 */
const reports: readonly (readonly [scanner: string, xml: string])[] = [
  [
    'lan-1',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -sV -&#45;version-intensity 2 -&#45;system-dns -R -T4 -p 1-1024,3306,8080,9100 -oX - 127.0.10.0/29" start="1795089600" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1027" services="1-1024,3306,8080,9100"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1795089601" endtime="1795089607"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.1" addrtype="ipv4"/><hostnames><hostname name="www.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-79,81-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port></ports></host>
<host starttime="1795089601" endtime="1795089607"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.2" addrtype="ipv4"/><hostnames><hostname name="db.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-1024,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="3306"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="mysql" product="MySQL" version="8.0.36" method="probed" conf="10"><cpe>cpe:/a:mysql:mysql:8.0.36</cpe></service></port></ports></host>
<host starttime="1795089601" endtime="1795089607"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.3" addrtype="ipv4"/><hostnames><hostname name="mail.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-24,26-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="25"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="smtp" product="Postfix smtpd" hostname=" mail.example.test" method="probed" conf="10"><cpe>cpe:/a:postfix:postfix</cpe></service></port></ports></host>
<host starttime="1795089601" endtime="1795089607"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.5" addrtype="ipv4"/><hostnames><hostname name="old.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-22,24-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="23"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="tcpwrapped" method="probed" conf="8"/></port></ports></host>
<runstats><finished time="1795089607" elapsed="6.33" exit="success"/><hosts up="4" down="4" total="8"/>
</runstats>
</nmaprun>
`,
  ],
  [
    'probe-1',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -sV -&#45;version-intensity 2 -&#45;system-dns -R -T4 -p 1-1024,3306,8080,9100 -oX - 127.0.10.0/29" start="1795091400" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1027" services="1-1024,3306,8080,9100"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1795091400" endtime="1795091406"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.1" addrtype="ipv4"/><hostnames><hostname name="www.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-79,81-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port></ports></host>
<host starttime="1795091400" endtime="1795091400"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.2" addrtype="ipv4"/><hostnames><hostname name="db.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1027"><extrareasons reason="conn-refused" count="1027" proto="tcp" ports="1-1024,3306,8080,9100"/></extraports></ports></host>
<host starttime="1795091400" endtime="1795091406"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.3" addrtype="ipv4"/><hostnames><hostname name="mail.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-24,26-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="25"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="smtp" product="Postfix smtpd" hostname=" mail.example.test" method="probed" conf="10"><cpe>cpe:/a:postfix:postfix</cpe></service></port></ports></host>
<host starttime="1795091400" endtime="1795091400"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.5" addrtype="ipv4"/><hostnames><hostname name="old.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1027"><extrareasons reason="conn-refused" count="1027" proto="tcp" ports="1-1024,3306,8080,9100"/></extraports></ports></host>
<runstats><finished time="1795091406" elapsed="6.31" exit="success"/><hosts up="4" down="4" total="8"/>
</runstats>
</nmaprun>
`,
  ],
  [
    'lan-1',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -sV -&#45;version-intensity 2 -&#45;system-dns -R -T4 -p 1-1024,3306,8080,9100 -oX - 127.0.10.0/29" start="1795176000" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1027" services="1-1024,3306,8080,9100"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1795176000" endtime="1795176007"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.1" addrtype="ipv4"/><hostnames><hostname name="www.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1024"><extrareasons reason="conn-refused" count="1024" proto="tcp" ports="1-21,23-79,81-1024,3306,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port>
<port protocol="tcp" portid="8080"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="Jetty" version="9.4.51" method="probed" conf="10"><cpe>cpe:/a:mortbay:jetty:9.4.51</cpe></service></port></ports></host>
<host starttime="1795176000" endtime="1795176007"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.2" addrtype="ipv4"/><hostnames><hostname name="db.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-1024,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="3306"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="mysql" product="MySQL" version="8.0.36" method="probed" conf="10"><cpe>cpe:/a:mysql:mysql:8.0.36</cpe></service></port></ports></host>
<host starttime="1795176000" endtime="1795176007"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.3" addrtype="ipv4"/><hostnames><hostname name="mail.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-24,26-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="25"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="smtp" product="Postfix smtpd" hostname=" mail.example.test" method="probed" conf="10"><cpe>cpe:/a:postfix:postfix</cpe></service></port></ports></host>
<runstats><finished time="1795176007" elapsed="6.34" exit="success"/><hosts up="3" down="5" total="8"/>
</runstats>
</nmaprun>
`,
  ],
  [
    'lan-1',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -sV -&#45;version-intensity 2 -&#45;system-dns -R -T4 -p 1-1024,3306,8080,9100 -oX - 127.0.10.0/29" start="1795262400" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1027" services="1-1024,3306,8080,9100"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1795262400" endtime="1795262406"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.1" addrtype="ipv4"/><hostnames><hostname name="www.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-79,81-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.6p1 Ubuntu 3ubuntu13" extrainfo="Ubuntu Linux; protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.6p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port></ports></host>
<host starttime="1795262400" endtime="1795262406"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.2" addrtype="ipv4"/><hostnames><hostname name="db.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-1024,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="3306"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="mysql" product="MySQL" version="8.0.36" method="probed" conf="10"><cpe>cpe:/a:mysql:mysql:8.0.36</cpe></service></port></ports></host>
<host starttime="1795262400" endtime="1795262406"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.3" addrtype="ipv4"/><hostnames><hostname name="mail.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-24,26-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="25"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="smtp" product="Postfix smtpd" hostname=" mail.example.test" method="probed" conf="10"><cpe>cpe:/a:postfix:postfix</cpe></service></port></ports></host>
<host starttime="1795262400" endtime="1795262406"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.4" addrtype="ipv4"/><hostnames><hostname name="printer.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-1024,3306,8080"/></extraports>
<port protocol="tcp" portid="9100"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="jetdirect" method="table" conf="3"/></port></ports></host>
<runstats><finished time="1795262406" elapsed="6.33" exit="success"/><hosts up="4" down="4" total="8"/>
</runstats>
</nmaprun>
`,
  ],
  [
    'probe-1',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -sV -&#45;version-intensity 2 -&#45;system-dns -R -T4 -p 1-1024,3306,8080,9100 -oX - 127.0.10.0/29" start="1795264200" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1027" services="1-1024,3306,8080,9100"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1795264200" endtime="1795264206"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.1" addrtype="ipv4"/><hostnames><hostname name="www.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-79,81-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port></ports></host>
<host starttime="1795264200" endtime="1795264206"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.2" addrtype="ipv4"/><hostnames><hostname name="db.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-1024,8080,9100"/></extraports>
<port protocol="tcp" portid="3306"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="mysql" product="MySQL" version="8.0.36" method="probed" conf="10"><cpe>cpe:/a:mysql:mysql:8.0.36</cpe></service></port></ports></host>
<host starttime="1795264200" endtime="1795264206"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.3" addrtype="ipv4"/><hostnames><hostname name="mail.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-24,26-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="25"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="smtp" product="Postfix smtpd" hostname=" mail.example.test" method="probed" conf="10"><cpe>cpe:/a:postfix:postfix</cpe></service></port></ports></host>
<runstats><finished time="1795264206" elapsed="6.32" exit="success"/><hosts up="3" down="5" total="8"/>
</runstats>
</nmaprun>
`,
  ],
  [
    'lan-1',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -sV -&#45;version-intensity 2 -&#45;system-dns -R -T4 -p 1-1024,3306,8080,9100 -oX - 127.0.10.0/29" start="1795348800" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1027" services="1-1024,3306,8080,9100"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1795348800" endtime="1795348807"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.1" addrtype="ipv4"/><hostnames><hostname name="www.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1024"><extrareasons reason="conn-refused" count="1024" proto="tcp" ports="1-21,23-79,81-1024,3306,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.6p1 Ubuntu 3ubuntu13" extrainfo="Ubuntu Linux; protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.6p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port>
<port protocol="tcp" portid="8080"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="Jetty" version="9.4.51" method="probed" conf="10"><cpe>cpe:/a:mortbay:jetty:9.4.51</cpe></service></port></ports></host>
<host starttime="1795348800" endtime="1795348807"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.2" addrtype="ipv4"/><hostnames><hostname name="db.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-1024,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="3306"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="mysql" product="MySQL" version="8.0.36" method="probed" conf="10"><cpe>cpe:/a:mysql:mysql:8.0.36</cpe></service></port></ports></host>
<host starttime="1795348800" endtime="1795348807"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.3" addrtype="ipv4"/><hostnames><hostname name="mx.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-24,26-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="25"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="smtp" product="Postfix smtpd" hostname=" mail.example.test" method="probed" conf="10"><cpe>cpe:/a:postfix:postfix</cpe></service></port></ports></host>
<host starttime="1795348800" endtime="1795348807"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.4" addrtype="ipv4"/><hostnames><hostname name="printer.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-1024,3306,8080"/></extraports>
<port protocol="tcp" portid="9100"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="jetdirect" method="table" conf="3"/></port></ports></host>
<runstats><finished time="1795348807" elapsed="6.33" exit="success"/><hosts up="4" down="4" total="8"/>
</runstats>
</nmaprun>
`,
  ],
  [
    'probe-1',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -sV -&#45;version-intensity 2 -&#45;system-dns -R -T4 -p 1-1024,3306,8080,9100 -oX - 127.0.10.0/29" start="1795350600" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1027" services="1-1024,3306,8080,9100"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1795350600" endtime="1795350606"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.1" addrtype="ipv4"/><hostnames><hostname name="www.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-79,81-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port></ports></host>
<host starttime="1795350600" endtime="1795350606"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.2" addrtype="ipv4"/><hostnames><hostname name="db.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-`,
  ],
  [
    'lan-1',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -sV -&#45;version-intensity 2 -&#45;system-dns -R -T4 -p 1-1024,3306,8080,9100 -oX - 127.0.10.0/29" start="1795431600" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1027" services="1-1024,3306,8080,9100"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1795431600" endtime="1795431606"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.1" addrtype="ipv4"/><hostnames><hostname name="www.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1024"><extrareasons reason="conn-refused" count="1024" proto="tcp" ports="1-21,23-79,81-1024,3306,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.6p1 Ubuntu 3ubuntu13" extrainfo="Ubuntu Linux; protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.6p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port>
<port protocol="tcp" portid="8080"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="Jetty" version="9.4.51" method="probed" conf="10"><cpe>cpe:/a:mortbay:jetty:9.4.51</cpe></service></port></ports></host>
<host starttime="1795431600" endtime="1795431606"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.2" addrtype="ipv4"/><hostnames><hostname name="db.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-1024,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="3306"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="mysql" product="MySQL" version="8.0.36" method="probed" conf="10"><cpe>cpe:/a:mysql:mysql:8.0.36</cpe></service></port></ports></host>
<host starttime="1795431600" endtime="1795431606"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.3" addrtype="ipv4"/><hostnames><hostname name="mx.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1025"><extrareasons reason="conn-refused" count="1025" proto="tcp" ports="1-21,23-24,26-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="ssh" product="OpenSSH" version="9.2p1 Debian 2+deb12u3" extrainfo="protocol 2.0" ostype="Linux" method="probed" conf="10"><cpe>cpe:/a:openbsd:openssh:9.2p1</cpe><cpe>cpe:/o:linux:linux_kernel</cpe></service></port>
<port protocol="tcp" portid="25"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="smtp" product="Postfix smtpd" hostname=" mail.example.test" method="probed" conf="10"><cpe>cpe:/a:postfix:postfix</cpe></service></port></ports></host>
<host starttime="1795431600" endtime="1795431606"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.4" addrtype="ipv4"/><hostnames><hostname name="printer.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-1024,3306,8080"/></extraports>
<port protocol="tcp" portid="9100"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="jetdirect" method="table" conf="3"/></port></ports></host>
<host starttime="1795431600" endtime="1795431606"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.5" addrtype="ipv4"/><hostnames><hostname name="old.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-22,24-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="23"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="tcpwrapped" method="probed" conf="8"/></port></ports></host>
<runstats><finished time="1795431606" elapsed="6.32" exit="success"/><hosts up="5" down="3" total="8"/>
</runstats>
</nmaprun>
`,
  ],
  [
    'probe-1',
    `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="nmap -sT -sV -&#45;version-intensity 2 -&#45;system-dns -R -T4 -p 1-1024,3306,8080,9100 -oX - 127.0.10.0/29" start="1795433400" version="7.93" xmloutputversion="1.05">
<scaninfo type="connect" protocol="tcp" numservices="1027" services="1-1024,3306,8080,9100"/>
<verbose level="0"/>
<debugging level="0"/>
<host starttime="1795433401" endtime="1795433407"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.1" addrtype="ipv4"/><hostnames><hostname name="www.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-79,81-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="80"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="http" product="nginx" version="1.22.1" method="probed" conf="10"><cpe>cpe:/a:igor_sysoev:nginx:1.22.1</cpe></service></port></ports></host>
<host starttime="1795433401" endtime="1795433401"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.2" addrtype="ipv4"/><hostnames><hostname name="db.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1027"><extrareasons reason="conn-refused" count="1027" proto="tcp" ports="1-1024,3306,8080,9100"/></extraports></ports></host>
<host starttime="1795433401" endtime="1795433407"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.3" addrtype="ipv4"/><hostnames><hostname name="mx.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1026"><extrareasons reason="conn-refused" count="1026" proto="tcp" ports="1-24,26-1024,3306,8080,9100"/></extraports>
<port protocol="tcp" portid="25"><state state="open" reason="syn-ack" reason_ttl="0"/><service name="smtp" product="Postfix smtpd" hostname=" mail.example.test" method="probed" conf="10"><cpe>cpe:/a:postfix:postfix</cpe></service></port></ports></host>
<host starttime="1795433401" endtime="1795433401"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.4" addrtype="ipv4"/><hostnames><hostname name="printer.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1027"><extrareasons reason="conn-refused" count="1027" proto="tcp" ports="1-1024,3306,8080,9100"/></extraports></ports></host>
<host starttime="1795433401" endtime="1795433401"><status state="up" reason="localhost-response" reason_ttl="0"/><address addr="127.0.10.5" addrtype="ipv4"/><hostnames><hostname name="old.example.test" type="PTR"/></hostnames>
<ports><extraports state="closed" count="1027"><extrareasons reason="conn-refused" count="1027" proto="tcp" ports="1-1024,3306,8080,9100"/></extraports></ports></host>
<runstats><finished time="1795433407" elapsed="6.36" exit="success"/><hosts up="5" down="3" total="8"/>
</runstats>
</nmaprun>
`,
  ],
];
