import { XMLParser, XMLValidator } from 'fast-xml-parser';
import type { Service } from '../core/observation.ts';
import { limits } from '../limits.ts';
import {
  addCollapsed,
  asProtocol,
  type NmapExtraPorts,
  type NmapHost,
  newNmapHost,
  readPort,
  short,
  textOf,
} from './nmap-facts.ts';
import { addPort, noStatus, type PortStatus, portStatus, serviceOf } from './nmap-host.ts';
import { readPortsList } from './nmap-ports-list.ts';
import { badShape } from './xml-record-shape.ts';
import { decodeAttribute, decodeXml } from './xml-text.ts';

/** An element as fast-xml-parser gives it with `preserveOrder`. */
type Node = Readonly<Record<string, readonly Node[] | string | Readonly<Record<string, string>>>>;

const parser = new XMLParser({
  preserveOrder: true,
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  trimValues: false,
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  strictReservedNames: false,
  maxNestedTags: limits.nestingMax,
});

/**
 * Reads the essence of one host record with a general XML parser: slow, but for everything that is well
 * formed. What it gives is by definition right; the fast reader must agree wherever it gives anything.
 * Gives the reason where the record cannot be read.
 */
export function readHostReference(essence: string): NmapHost | string {
  const text = /<\/host\s*>\s*$/.test(essence) ? essence : `${essence}</host>`;
  const shape = badShape(text);
  if (shape !== undefined) return shape;
  const validity = XMLValidator.validate(text);
  if (validity !== true) return `the host record is not well-formed XML: ${short(validity.err.msg)}`;
  try {
    const root = (parser.parse(text) as readonly Node[]).find((node) => nameOf(node) === 'host');
    if (root !== undefined && childrenOf(root).some((node) => nameOf(node) === 'host')) {
      return 'the record holds a host within a host';
    }
    return root === undefined ? 'the record holds no host' : hostOf(root);
  } catch (error) {
    return `the host record cannot be read: ${short((error as Error).message)}`;
  }
}

function hostOf(root: Node): NmapHost {
  const host = newNmapHost();
  host.timedOut = attribute(root, 'timedout') === 'true';
  for (const node of childrenOf(root)) {
    switch (nameOf(node)) {
      case 'status':
        host.status = attribute(node, 'state');
        host.reason = attribute(node, 'reason');
        break;
      case 'address':
        host.addresses.push({
          address: attribute(node, 'addr'),
          type: attribute(node, 'addrtype'),
          vendor: attribute(node, 'vendor'),
        });
        break;
      case 'hostnames':
        addNames(host, node);
        break;
      case 'ports':
        addPorts(host, node);
        break;
      default: // Everything else says nothing that an observation holds.
    }
  }
  return host;
}

function addNames(host: NmapHost, hostnames: Node): void {
  for (const node of childrenOf(hostnames)) {
    if (nameOf(node) !== 'hostname') continue;
    const { name } = textOf('name', attribute(node, 'name'));
    if (name !== undefined) host.names.push(name);
  }
}

function addPorts(host: NmapHost, ports: Node): void {
  for (const node of childrenOf(ports)) {
    if (nameOf(node) === 'port')
      addPort(
        host,
        readPort(attribute(node, 'protocol'), attribute(node, 'portid')),
        statusOf(node),
        lastService(node),
      );
    if (nameOf(node) === 'extraports') addExtraPorts(host, node);
  }
}

function statusOf(port: Node): PortStatus {
  const state = childrenOf(port).findLast((node) => nameOf(node) === 'state');
  return state === undefined ? noStatus : portStatus(attribute(state, 'state'), attribute(state, 'reason'));
}

function lastService(port: Node): Service | undefined {
  const service = childrenOf(port).findLast((node) => nameOf(node) === 'service');
  return service && serviceOf((name) => attribute(service, name), cpesOf(service));
}

function cpesOf(service: Node): string[] {
  return childrenOf(service)
    .filter((node) => nameOf(node) === 'cpe')
    .map((node) => decodeXml(textContent(node)).trim())
    .filter((cpe) => cpe !== '');
}

function addExtraPorts(host: NmapHost, extra: Node): void {
  const reasons: NmapExtraPorts['reasons'] = childrenOf(extra)
    .filter((node) => nameOf(node) === 'extrareasons')
    .map((node) => {
      const protocol = asProtocol(attribute(node, 'proto'));
      const text = attribute(node, 'ports');
      const ports = protocol === undefined || text === undefined ? undefined : readPortsList(protocol, text);
      return { protocol, ports };
    });
  addCollapsed(host, { state: attribute(extra, 'state'), count: attribute(extra, 'count'), reasons });
}

function nameOf(node: Node): string {
  return Object.keys(node).find((key) => key !== ':@') ?? '';
}

function childrenOf(node: Node): readonly Node[] {
  const children = node[nameOf(node)];
  return Array.isArray(children) ? children : [];
}

function attribute(node: Node, name: string): string | undefined {
  const attributes = node[':@'] as Readonly<Record<string, string>> | undefined;
  const raw =
    attributes !== undefined && Object.hasOwn(attributes, `@${name}`) ? attributes[`@${name}`] : undefined;
  return raw === undefined ? undefined : decodeAttribute(raw);
}

function textContent(node: Node): string {
  return childrenOf(node)
    .map((child) => (typeof child['#text'] === 'string' ? child['#text'] : ''))
    .join('');
}
