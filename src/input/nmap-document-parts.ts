import {
  compareNdiffPorts,
  compareTexts,
  type NdiffAddress,
  type NdiffHost,
  type NdiffPort,
  type NdiffScript,
  type NdiffService,
} from '../core/ndiff-facts.ts';
import { detached } from './memo.ts';
import { attributeOf, type XmlTag } from './xml-tag.ts';

/** What is read of a host, element by element. Both readers end here. */
export interface DocumentHost {
  state: string | undefined;
  port: OpenPort | undefined;
  readonly addresses: NdiffAddress[];
  readonly names: string[];
  readonly extraPorts: Map<string, number>;
  readonly ports: Map<string, NdiffPort>;
  readonly systems: string[];
  readonly scripts: NdiffScript[];
}

interface OpenPort {
  readonly port: number;
  readonly protocol: string;
  state: string | undefined;
  service: NdiffService;
  readonly scripts: NdiffScript[];
}

type Attributes = Pick<XmlTag, 'attributes'>;

/** A host of which nothing is read yet. */
export function newDocumentHost(): DocumentHost {
  return {
    state: undefined,
    port: undefined,
    addresses: [],
    names: [],
    extraPorts: new Map(),
    ports: new Map(),
    systems: [],
    scripts: [],
  };
}

/** The elements that say something, with their parents below `<host>`. */
const readers: Readonly<Record<string, (host: DocumentHost, tag: Attributes) => void>> = {
  status: (host, tag) => {
    host.state = kept(attributeOf(tag, 'state'));
  },
  address: ({ addresses }, tag) => {
    const text = kept(attributeOf(tag, 'addr'));
    if (text !== undefined) addresses.push({ kind: kept(attributeOf(tag, 'addrtype')) ?? 'ipv4', text });
  },
  'hostnames/hostname': ({ names }, tag) => {
    const name = kept(attributeOf(tag, 'name'));
    if (name !== undefined) names.push(name);
  },
  'ports/extraports': ({ extraPorts }, tag) => {
    const count = readWhole(attributeOf(tag, 'count'));
    extraPorts.set(kept(attributeOf(tag, 'state')) ?? 'unknown', count ?? 0);
  },
  'ports/port': (host, tag) => {
    const port = readWhole(attributeOf(tag, 'portid'));
    const protocol = kept(attributeOf(tag, 'protocol'));
    const isPort = port !== undefined && protocol !== undefined;
    host.port = isPort ? { port, protocol, state: undefined, service: {}, scripts: [] } : undefined;
  },
  'ports/port/state': ({ port }, tag) => {
    if (port !== undefined) port.state = kept(attributeOf(tag, 'state'));
  },
  'ports/port/service': ({ port }, tag) => {
    if (port !== undefined) port.service = serviceOf(tag);
  },
  'ports/port/script': ({ port }, tag) => pushScript(port?.scripts, tag),
  'os/osmatch': ({ systems }, tag) => {
    const name = kept(attributeOf(tag, 'name'));
    if (name !== undefined) systems.push(name);
  },
  'hostscript/script': ({ scripts }, tag) => pushScript(scripts, tag),
};

/** Takes an element; `path` is that of its parents below `<host>`, with a slash at its end. */
export function readElement(
  host: DocumentHost,
  tag: Pick<XmlTag, 'name' | 'attributes'>,
  path: string,
): void {
  readers[path + tag.name]?.(host, tag);
}

/** The `<port>` that was open has ended; undefined where it has no state, and so is none. */
export function endPort(host: DocumentHost): NdiffPort | undefined {
  const { port: open } = host;
  host.port = undefined;
  if (open?.state === undefined) return undefined;
  const { port, protocol, state, service } = open;
  const ended = { port, protocol, state, service, scripts: sortedScripts(open.scripts) };
  addPort(host, ended);
  return ended;
}

/** Of the same port twice, the last one counts. */
export function addPort({ ports }: DocumentHost, port: NdiffPort): void {
  ports.set(`${port.port}/${port.protocol}`, port);
}

/** The host, once its record has ended. */
export function finishHost({ state, addresses, names, ports, ...rest }: DocumentHost): NdiffHost {
  return {
    ...(state === undefined ? {} : { state }),
    addresses: uniqueAddresses(addresses),
    names: names.length < 2 ? names : [...new Set(names)],
    extraPorts: Array.from(rest.extraPorts, ([state, count]) => ({ state, count })),
    ports: [...ports.values()].sort(compareNdiffPorts),
    systems: rest.systems,
    scripts: sortedScripts(rest.scripts),
  };
}

/** A script; undefined where it lacks its id or output. */
export function scriptOf(tag: Attributes): NdiffScript | undefined {
  const id = kept(attributeOf(tag, 'id'));
  const output = attributeOf(tag, 'output');
  return id === undefined || output === undefined ? undefined : { id, output: detached(output) };
}

/** Scripts by id; several of one id stay in the order of the report. */
export function sortedScripts(scripts: readonly NdiffScript[]): readonly NdiffScript[] {
  return scripts.length < 2 ? scripts : [...scripts].sort((a, b) => compareTexts(a.id, b.id));
}

function pushScript(scripts: NdiffScript[] | undefined, tag: Attributes): void {
  const script = scriptOf(tag);
  if (script !== undefined) scripts?.push(script);
}

function serviceOf(tag: Attributes): NdiffService {
  const name = kept(attributeOf(tag, 'name'));
  const product = kept(attributeOf(tag, 'product'));
  const version = kept(attributeOf(tag, 'version'));
  const extra = kept(attributeOf(tag, 'extrainfo'));
  const tunnel = kept(attributeOf(tag, 'tunnel'));
  return {
    ...(name === undefined ? {} : { name }),
    ...(product === undefined ? {} : { product }),
    ...(version === undefined ? {} : { version }),
    ...(extra === undefined ? {} : { extra }),
    ...(tunnel === undefined ? {} : { tunnel }),
  };
}

function uniqueAddresses(addresses: readonly NdiffAddress[]): readonly NdiffAddress[] {
  if (addresses.length < 2) return addresses;
  const once = new Map<string, NdiffAddress>();
  for (const address of addresses) {
    const key = `${address.kind} ${address.text}`;
    if (!once.has(key)) once.set(key, address);
  }
  return [...once.values()];
}

/** A whole number as Python's `int` reads it, as far as it can be a port or a count. */
function readWhole(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*[+-]?\d{1,15}\s*$/.test(text) ? Number(text) : undefined;
}

/** Texts that come again and again are kept once; a slice would keep its whole record alive. */
function kept(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const known = pool.get(text);
  if (known !== undefined) return known;
  const own = detached(text);
  if (pool.size >= poolMax) pool.clear();
  pool.set(own, own);
  return own;
}

const poolMax = 16_384;
const pool = new Map<string, string>();
