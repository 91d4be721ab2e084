import { type SQL, sql } from 'drizzle-orm';
import { countPorts, type PortKey, type PortSet } from '../core/endpoint.ts';
import { limits } from '../limits.ts';
import { list } from './statement.ts';

/** Whether a list of port keys has one of the ports; few ports are looked up by index. */
export function hasPort(keys: SQL, ports: PortSet): SQL {
  if (countPorts(ports) <= limits.indexedPortsMax) return sql`${keys} && ${list(keysOf(ports), 'integer')}`;
  return sql`exists (select from unnest(${keys}) as held (port) where ${portRanges(ports)} @> held.port)`;
}

/** Whether a port key is one of the ports. */
export function isPort(key: SQL, ports: PortSet): SQL {
  if (countPorts(ports) <= limits.indexedPortsMax)
    return sql`${key} = any(${list(keysOf(ports), 'integer')})`;
  return sql`${portRanges(ports)} @> ${key}`;
}

/** The ports as PostgreSQL's multirange of port keys. */
export function portRanges(ports: PortSet): SQL {
  const text = `{${ports.map(({ first, last }) => `[${first},${last + 1})`).join(',')}}`;
  return sql`${text}::text::int4multirange`;
}

function keysOf(ports: PortSet): PortKey[] {
  const keys: PortKey[] = [];
  for (const { first, last } of ports) for (let key = first; key <= last; key += 1) keys.push(key);
  return keys;
}
