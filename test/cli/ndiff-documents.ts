import fc from 'fast-check';

/** The words are few, so that two random scans have hosts, ports and scripts in common. */
const names = ['a.example', 'b.example', 'c', 'Z', 'ä.example', '\u{1f600}', ''];
const addresses = [
  ['10.0.0.1', 'ipv4'],
  ['10.0.0.2', 'ipv4'],
  ['10.0.0.10', 'ipv4'],
  ['2001:db8::1', 'ipv6'],
  ['2001:DB8:0::1', 'ipv6'],
  ['AA:BB:CC:00:00:01', 'mac'],
] as const;
const states = ['open', 'closed', 'filtered', 'open|filtered', 'unfiltered', ''];
const texts = ['', 'http', 'ssh', 'a<b>&"c"', "d'e", 'two\nlines', 'tab\there', 'ü', ' blank ', '\u2028'];
const lines = ['one', 'two', 'three', '', ' ', '|', '\u{1f600}', 'a&b'];
const ends = ['\n', '\n', '\n', '\r\n', '\r', '\u0085', '\u2028', ''];

/** ndiff pairs hosts without address and name by chance. */
const anyAddress = addresses[0];

/** An XML element with these attributes; undefined ones are left out. */
function element(
  name: string,
  attributes: Readonly<Record<string, string | number | undefined>>,
  children = '',
): string {
  const said = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(String(value))}"`)
    .join('');
  return `<${name}${said}${children === '' ? '/>' : `>${children}</${name}>`}\n`;
}

function escaped(text: string): string {
  return text.replace(
    /[&<>"\n\r\t\u0085\u2028]/g,
    (character) => `&#${(character.codePointAt(0) as number).toString()};`,
  );
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined });
const oneOf = <T>(values: readonly T[]) => fc.constantFrom(...values);
const joined = (arbitrary: fc.Arbitrary<string>, maxLength: number) =>
  fc.array(arbitrary, { maxLength }).map((parts) => parts.join(''));

const output = fc
  .array(fc.tuple(oneOf(lines), oneOf(ends)), { maxLength: 6 })
  .map((parts) => parts.flat().join(''));

/** ndiff sorts scripts of one place and crashes on two; mostly there is one at most. */
function scripts(several = 1): fc.Arbitrary<string> {
  const script = fc
    .record({ id: oneOf(['s', 't', 'u']), output })
    .map((attributes) => element('script', attributes));
  return fc.oneof(
    { weight: 30, arbitrary: joined(script, 1) },
    { weight: several, arbitrary: joined(script, 3) },
  );
}

const service = fc
  .record({
    name: maybe(oneOf(texts)),
    product: maybe(oneOf(texts)),
    version: maybe(oneOf(texts)),
    extrainfo: maybe(oneOf(texts)),
    tunnel: maybe(oneOf(['ssl', ''])),
    method: oneOf(['table', 'probed']),
  })
  .map((attributes) => element('service', attributes));

const port = fc
  .record({
    portid: oneOf([22, 80, 443, 8080, 9]),
    protocol: oneOf(['tcp', 'udp', 'sctp']),
    state: fc.option(oneOf(states), { nil: undefined, freq: 9 }),
    service: maybe(service),
    script: scripts(),
  })
  .map(({ portid, protocol, state, service: own = '', script }) =>
    element(
      'port',
      { portid, protocol },
      `${state === undefined ? '' : element('state', { state: state === 'unfiltered' ? undefined : state })}${own}${script}`,
    ),
  );

const extraPorts = fc
  .record({
    state: oneOf(states),
    count: oneOf([1, 9, 10, 900, 'x', undefined]),
  })
  .map((attributes) => element('extraports', attributes));

/** From 200 on, Python's comparison leaves out what is popular. */
const systems: fc.Arbitrary<(string | undefined)[]> = fc.oneof(
  { weight: 20, arbitrary: fc.array(oneOf(['Linux', 'BSD', 'A', undefined]), { maxLength: 6 }) },
  {
    weight: 1,
    arbitrary: fc.array(fc.oneof(oneOf(['Linux', 'BSD']), fc.nat(150).map(String)), {
      minLength: 195,
      maxLength: 230,
      size: 'max',
    }),
  },
);

const host = fc
  .record({
    state: fc.option(oneOf(['up', 'up', 'up', 'down', '']), { nil: undefined, freq: 9 }),
    address: fc.array(oneOf(addresses), { maxLength: 3 }),
    names: fc.array(fc.option(oneOf(names), { nil: undefined, freq: 9 }), { maxLength: 3 }),
    extra: joined(extraPorts, 3),
    ports: joined(port, 5),
    systems,
    scripts: scripts(),
  })
  .map((said) => {
    const { state, extra, ports } = said;
    return element(
      'host',
      {},
      [
        state === undefined ? '' : element('status', { state: state === '' ? undefined : state }),
        ...(said.address.length === 0 && said.names.length === 0 ? [anyAddress] : said.address).map(
          ([addr, addrtype]) => element('address', { addr, addrtype }),
        ),
        element('hostnames', {}, said.names.map((name) => element('hostname', { name })).join('')),
        element('ports', {}, extra + ports),
        element('os', {}, said.systems.map((name) => element('osmatch', { name })).join('')),
        element('hostscript', {}, said.scripts),
      ].join(''),
    );
  });

/** A report of nmap, whatever stands in it. */
export const reports: fc.Arbitrary<string> = fc
  .record({
    attributes: fc.record({
      scanner: fc.option(oneOf(['nmap', 'masscan', '']), { nil: undefined, freq: 9 }),
      args: maybe(oneOf(['nmap -sS 10.0.0.0/24', '', 'a "quoted" <one>'])),
      start: fc.option(oneOf([0, 1_247_268_210, 1_700_000_000]), { nil: undefined, freq: 9 }),
      version: maybe(oneOf(['7.93', ''])),
    }),
    prescripts: scripts(15),
    hosts: joined(host, 4),
    postscripts: scripts(15),
    end: maybe(oneOf([1_247_268_215, 1_700_000_009])),
  })
  .map(({ attributes, prescripts, hosts, postscripts, end }) => {
    const body = [
      prescripts === '' ? '' : element('prescript', {}, prescripts),
      hosts,
      postscripts === '' ? '' : element('postscript', {}, postscripts),
      element('runstats', {}, element('finished', { time: end })),
    ].join('');
    return `<?xml version="1.0" encoding="UTF-8"?>\n${element('nmaprun', attributes, `\n${body}`)}`;
  });
