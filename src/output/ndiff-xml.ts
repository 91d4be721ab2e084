import {
  compareNdiffScripts,
  isExtraState,
  type NdiffHostPair,
  type NdiffOptions,
  type NdiffPortPair,
  type NdiffScriptPair,
  sameNdiffService,
} from '../core/ndiff.ts';
import {
  compareNdiffAddresses,
  type NdiffAddress,
  type NdiffExtraPorts,
  type NdiffHost,
  type NdiffPort,
  type NdiffScan,
  type NdiffScript,
  type NdiffService,
  sortedAddresses,
  sortedNames,
} from '../core/ndiff-facts.ts';
import { ndiffTime } from './ndiff-time.ts';

/** What stands before the hosts. */
export function ndiffXmlHead(before: NdiffScan, after: NdiffScan, options: NdiffOptions): string {
  const scripts = compareNdiffScripts(before.prescripts, after.prescripts, options);
  return (
    '<?xml version="1.0" encoding="utf-8"?>\n<nmapdiff version="1"><scandiff>' +
    runs(before, after, options) +
    section('prescript', before.prescripts, after.prescripts, scripts)
  );
}

/** What stands after the hosts. */
export function ndiffXmlEnd(before: NdiffScan, after: NdiffScan, options: NdiffOptions): string {
  const scripts = compareNdiffScripts(before.postscripts, after.postscripts, options);
  return `${section('postscript', before.postscripts, after.postscripts, scripts)}</scandiff></nmapdiff>`;
}

/** One host of both scans. */
export function ndiffXmlHost(pair: NdiffHostPair, options: NdiffOptions): string {
  const { before, after } = pair;
  if (before.state !== undefined && after.state !== undefined)
    return element('hostdiff', changedHost(pair, options));
  const sides = [
    before.state === undefined ? '' : element('a', wholeHost(before)),
    after.state === undefined ? '' : element('b', wholeHost(after)),
  ];
  return element('hostdiff', sides.join(''));
}

type Attributes = Readonly<Record<string, string | number | undefined>>;

/** An element with its line end, as Python's minidom writes it: line breaks inside of attributes stay as they are. */
function element(name: string, children: string, attributes: Attributes = {}): string {
  const said = Object.entries(attributes)
    .map(([key, value]) => (value === undefined ? '' : ` ${key}="${escaped(String(value))}"`))
    .join('');
  return children === '' ? `<${name}${said}/>\n` : `<${name}${said}>\n${children}</${name}>\n`;
}

function escaped(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/"/g, '&quot;').replace(/>/g, '&gt;');
}

/** The same thing on both sides stands for itself; else each side has its own. */
function sides(before: string, after: string): string {
  if (before === after) return before;
  return (before === '' ? '' : element('a', before)) + (after === '' ? '' : element('b', after));
}

function runs(before: NdiffScan, after: NdiffScan, { verbose }: NdiffOptions): string {
  const isEqual = (['scanner', 'version', 'args', 'start', 'end'] as const).every(
    (key) => before[key] === after[key],
  );
  if (isEqual) return verbose ? run(before) : '';
  return `<a>${run(before)}</a><b>${run(after)}</b>`;
}

function run({ scanner, args, start, version }: NdiffScan): string {
  const startstr = start === undefined ? undefined : ndiffTime(start);
  return element('nmaprun', '', { scanner, args, start, startstr, version });
}

function section(
  name: string,
  before: readonly NdiffScript[],
  after: readonly NdiffScript[],
  scripts: readonly NdiffScriptPair[],
): string {
  if (scripts.length === 0) return '';
  if (before.length === 0 || after.length === 0)
    return element(name, [...before, ...after].map(script).join('')); // ndiff does not say whose they are.
  return scripts.map(scriptPair).join('');
}

function wholeHost(host: NdiffHost): string {
  const { state, addresses, names, extraPorts, ports, systems, scripts } = host;
  const told = ports.filter((port) => !isExtraState(host, port.state));
  const listed = extraPorts.map(extra).join('') + told.map(wholePort).join('');
  return element(
    'host',
    [
      state === undefined ? '' : element('status', '', { state }),
      addresses.map(address).join(''),
      group('hostnames', names.map(hostname).join('')),
      group('ports', listed),
      group('os', systems.map(system).join('')),
      group('hostscript', scripts.map(script).join('')),
    ].join(''),
  );
}

function changedHost(pair: NdiffHostPair, { verbose }: NdiffOptions): string {
  const { before, after, isStateChanged } = pair;
  const [a, b] = [before, after].map(({ state }) => element('status', '', { state })) as [string, string];
  const hostscripts = pair.scripts;
  return element(
    'host',
    [
      isStateChanged || verbose ? sides(a, b) : '',
      split(sortedAddresses(before), sortedAddresses(after), compareNdiffAddresses, address),
      group(
        'hostnames',
        split(sortedNames(before), sortedNames(after), (x, y) => (x === y ? 0 : 1), hostname),
      ),
      group('ports', extras(pair) + pair.ports.map((port) => portPair(port)).join('')),
      pair.areSystemsChanged || verbose ? group('os', systems(pair)) : '',
      hostScripts(before.scripts, after.scripts, hostscripts),
    ].join(''),
  );
}

/** What both lists have, then what only one of them has. */
function split<T>(
  before: readonly T[],
  after: readonly T[],
  compare: (a: T, b: T) => number,
  textOf: (item: T) => string,
): string {
  const isIn = (list: readonly T[]) => (item: T) => list.some((other) => compare(item, other) === 0);
  const text = (list: readonly T[]) => list.map(textOf).join('');
  const common = text(before.filter(isIn(after)));
  const gone = text(before.filter((item) => !isIn(after)(item)));
  const added = text(after.filter((item) => !isIn(before)(item)));
  return common + group('a', gone) + group('b', added);
}

function group(name: string, children: string): string {
  return children === '' ? '' : element(name, children);
}

function extras({ before, after }: NdiffHostPair): string {
  const [a, b] = [before, after].map(({ extraPorts }) => extraPorts.map(extra).join('')) as [string, string];
  const counts = (host: NdiffHost) => JSON.stringify([...countsOf(host)].sort());
  return counts(before) === counts(after) ? a : element('a', a) + element('b', b);
}

function countsOf({ extraPorts }: NdiffHost): Map<string, number> {
  return new Map(extraPorts.map(({ state, count }) => [state, count]));
}

function portPair({ before, after, scripts, cost }: NdiffPortPair): string {
  if (before.state !== after.state)
    return element('portdiff', element('a', wholePort(before)) + element('b', wholePort(after)));
  const { port: portid, protocol, state } = before;
  const [a, b] = [service(before.service), service(after.service)];
  const services = sameNdiffService(before.service, after.service) ? a : sides(a, b);
  const inside = element('state', '', { state }) + services + scripts.map(scriptPair).join('');
  const text = element('port', inside, { portid, protocol });
  return cost > 0 ? element('portdiff', text) : text;
}

function systems({ before, after, systems: opcodes }: NdiffHostPair): string {
  return opcodes
    .map(({ kind, aFrom, aTo, bFrom, bTo }) => {
      const gone = before.systems.slice(aFrom, aTo).map(system).join('');
      if (kind === 'equal') return gone;
      return group('a', gone) + group('b', after.systems.slice(bFrom, bTo).map(system).join(''));
    })
    .join('');
}

function hostScripts(
  before: readonly NdiffScript[],
  after: readonly NdiffScript[],
  scripts: readonly NdiffScriptPair[],
): string {
  if (scripts.length === 0) return '';
  const all = (list: readonly NdiffScript[]) => element('hostscript', list.map(script).join(''));
  if (before.length === 0) return element('b', all(after));
  if (after.length === 0) return element('a', all(before));
  return element('hostscript', scripts.map(scriptPair).join(''));
}

function scriptPair({ before, after }: NdiffScriptPair): string {
  return sides(before === undefined ? '' : script(before), after === undefined ? '' : script(after));
}

function wholePort({ port: portid, protocol, state, service: own, scripts }: NdiffPort): string {
  const status = state === undefined ? '' : element('state', '', { state });
  return element('port', status + service(own) + scripts.map(script).join(''), { portid, protocol });
}

function service({ name, product, version, extra: extrainfo, tunnel }: NdiffService): string {
  const attributes = { name, product, version, extrainfo, tunnel };
  return Object.values(attributes).every((value) => value === undefined)
    ? ''
    : element('service', '', attributes);
}

function address({ text: addr, kind: addrtype }: NdiffAddress): string {
  return element('address', '', { addr, addrtype });
}

function hostname(name: string): string {
  return element('hostname', '', { name });
}

function extra({ state, count }: NdiffExtraPorts): string {
  return element('extraports', '', { state, count });
}

function system(name: string): string {
  return element('osmatch', '', { name });
}

function script({ id, output }: NdiffScript): string {
  return element('script', '', { id, output });
}
