import { limits } from '../limits.ts';
import { hostAndPorts } from './host-statements.ts';
import {
  type ImportOptions,
  type InventoryEvent,
  type InventoryImporter,
  InventoryRefused,
} from './importer.ts';
import { ended, placeOf, told, unreadable } from './inventory-events.ts';
import { headText } from './inventory-text.ts';
import { readJson } from './json-records.ts';
import {
  asObject,
  isList,
  isObject,
  type Json,
  type JsonObject,
  listAt,
  textOfJson,
  valueAt,
  valueIn,
} from './json-value.ts';
import { readHost, refuseLocal } from './selector-text.ts';
import { listedPorts } from './statement-row.ts';

/**
 * What `ansible-inventory --list` prints, or an inventory script: every host is there, belongs to its groups and
 * those around them, and has the ports of one of its variables. It names hosts before it tells their addresses, so
 * it is read as a whole.
 */
export const ansibleInventoryJson: InventoryImporter = {
  name: 'ansible-inventory-json',
  title: 'output of ansible-inventory --list',
  recognises: (head) => /^\s*\{/.test(headText(head)) && /"(_meta|hostvars)"\s*:\s*\{/.test(headText(head)),
  async *read(source, options) {
    const cut = yield* readJson(source, {
      paths: [],
      record: () => [],
      document: (value) => [...inventoryEvents(asObject(value), options)],
      charactersMax: limits.inventoryWholeCharactersMax,
    });
    yield ended(cut, { isSnapshot: true });
  },
};

function* inventoryEvents(
  root: JsonObject,
  options: ImportOptions,
): Generator<InventoryEvent, void, undefined> {
  const groups = groupsOf(root);
  const hostvars = valueAt(root, '_meta', 'hostvars');
  const names = new Set([...Object.keys(isObject(hostvars) ? hostvars : {}), ...[...groups.values()].flat()]);
  const addresses = new Map<string, string>();
  for (const host of names) {
    const vars = valueIn(hostvars, host);
    const place = placeOf({}, host);
    yield* told(place, () => {
      const selector = addressOf(host, vars);
      refuseLocal(selector, options);
      addresses.set(host, selector);
      const ports = portsOf(vars, options.portsVariable ?? 'open_ports');
      return hostAndPorts(place, { externalId: host, selector, ports, description: host }, options);
    });
  }
  yield* members(groups, addresses);
}

/** The hosts of each group, with those of the groups inside it. All hosts are in `all`, which says nothing. */
function groupsOf(root: JsonObject): ReadonlyMap<string, readonly string[]> {
  const groups = new Map<string, readonly string[]>();
  for (const name of Object.keys(root)) {
    if (name === '_meta') continue;
    groups.set(name, [...hostsIn(root, name, new Set())]);
  }
  return groups;
}

function hostsIn(root: JsonObject, name: string, visited: Set<string>): Set<string> {
  if (visited.has(name)) return new Set();
  visited.add(name);
  const group = valueIn(root, name);
  // Scripts of old write a group as the list of its hosts.
  const own = (isList(group) ? group : listAt(group, 'hosts'))
    .map(textOfJson)
    .filter((host) => host !== undefined);
  const hosts = new Set(own);
  for (const child of listAt(group, 'children')) {
    for (const host of hostsIn(root, textOfJson(child) ?? '', visited)) hosts.add(host);
  }
  return hosts;
}

function* members(
  groups: ReadonlyMap<string, readonly string[]>,
  addresses: ReadonlyMap<string, string>,
): Generator<InventoryEvent, void, undefined> {
  let count = 0;
  for (const [group, hosts] of groups) {
    if (group === 'all' || group === 'ungrouped') continue;
    for (const host of hosts) {
      const address = addresses.get(host);
      if (address === undefined) continue;
      count += 1;
      if (count > limits.inventoryMembersMax)
        throw new InventoryRefused(
          'TOO_LARGE',
          `Its groups have more than ${limits.inventoryMembersMax} members.`,
        );
      yield { kind: 'member', place: placeOf({}, host), group, address };
    }
  }
}

function addressOf(host: string, vars: Json | undefined): string {
  const text = textOfJson(valueIn(vars, 'ansible_host') ?? valueIn(vars, 'ansible_ssh_host')) ?? host;
  if (!/^[\d.]+$|:/.test(text.trim()))
    return unreadable(
      `${text.slice(0, 80)} is no address, and names are not looked up: set ansible_host to the address`,
    );
  return readHost(text);
}

/** Ports as a text, a number, a list of them, or a list of `{port, protocol}`. */
function portsOf(vars: Json | undefined, variable: string): string | undefined {
  const found = listAt(vars, variable);
  if (found.length === 0) return undefined;
  return listedPorts(found.map(portText));
}

function portText(value: Json): string {
  if (!isObject(value)) return textOfJson(value) ?? unreadable('one of its ports is null');
  const port = textOfJson(valueIn(value, 'port') ?? valueIn(value, 'ports'));
  if (port === undefined) return unreadable('one of its ports has no number');
  return `${port}/${textOfJson(valueIn(value, 'protocol') ?? valueIn(value, 'proto')) ?? 'tcp'}`;
}
