import { customType } from 'drizzle-orm/pg-core';

/** An instant with milliseconds; in the program a number of milliseconds since 1970, UTC. */
export const instant = customType<{ data: number; driverData: string }>({
  dataType: () => 'timestamp(3) with time zone',
  toDriver: (value) => new Date(value).toISOString(),
  fromDriver: (value) => parseInstant(value),
});

/** Ports as PostgreSQL ranges of port keys, for hosts with so many open ports that a list would hurt. */
export const portRanges = customType<{ data: string; driverData: string }>({
  dataType: () => 'int4multirange',
});

/** Reads PostgreSQL's text for an instant; without a zone it is UTC. */
export function parseInstant(text: string): number {
  const iso = text.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');
  return Date.parse(/[Z+]|-\d\d:/.test(iso.slice(10)) ? iso : `${iso}Z`);
}
