import { GraphQLError } from 'graphql';
import { readAddress } from '../core/address.ts';
import { readRange } from '../core/address-set.ts';
import { isInCalendar } from '../core/calendar.ts';
import { type PortSet, readPortSet } from '../core/endpoint.ts';
import type { Instant } from '../core/observation.ts';
import { limits } from '../limits.ts';
import { builder } from './builder.ts';

builder.scalarType('DateTime', {
  description:
    'An instant in UTC with milliseconds, such as `2026-11-23T10:15:00.000Z`. Input may have any offset.',
  specifiedByURL: 'https://scalars.graphql.org/andimarek/date-time.html',
  serialize: (instant) => new Date(instant).toISOString(),
  parseValue: (value) => readInstant(text(value, 'a DateTime')),
});

builder.scalarType('IPAddress', {
  description:
    'One IPv4 or IPv6 address in canonical text (RFC 5952). Ambiguous spellings such as `010.0.0.1` are refused.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc5952',
  serialize: (address) => address,
  parseValue: (value) => {
    const reading = readAddress(text(value, 'an IPAddress').trim());
    if (!reading.ok) throw refusal(value, reading.reason);
    return reading.address;
  },
});

builder.scalarType('Network', {
  description: 'Addresses: one (`10.0.0.1`), a network (`10.0.0.0/24`) or a range (`10.0.0.1-10.0.0.9`).',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc4632',
  serialize: (network) => network,
  parseValue: (value) => {
    const network = text(value, 'a Network').trim();
    const range = readRange(network);
    if (typeof range === 'string') throw refusal(value, range);
    return network;
  },
});

builder.scalarType('Port', {
  description: 'A port, 0 to 65535; for the protocol IP the number of an IP protocol, 0 to 255.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc6335',
  serialize: (port) => port,
  parseValue: (value) => {
    if (typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= 65535) return value;
    throw refusal(value, 'a Port is a whole number from 0 to 65535');
  },
});

builder.scalarType('PortSet', {
  description:
    'Ports of several protocols, such as `22,80-90/tcp,53/udp`. A protocol holds for the parts before it; parts without any are tcp.',
  specifiedByURL: 'https://nmap.org/book/man-port-specification.html',
  serialize: (ports) => ports,
  parseValue: (value): PortSet => {
    const reading = readPortSet(text(value, 'a PortSet'));
    if (!reading.ok) throw refusal(value, reading.reason);
    return reading.ports;
  },
});

builder.scalarType('BigInt', {
  description: 'A whole number of any size, in decimal, as a string: JSON numbers are exact only to 2^53.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc8259#section-6',
  serialize: (number) => String(number),
  parseValue: (value) => {
    const digits = text(value, 'a BigInt');
    if (!/^-?\d{1,40}$/.test(digits)) throw refusal(value, 'a BigInt is a whole number in decimal');
    return BigInt(digits);
  },
});

builder.scalarType('MAC', {
  description: 'A hardware address as the tool wrote it, such as `00:00:5E:00:53:01`.',
  specifiedByURL: 'https://www.rfc-editor.org/rfc/rfc9542',
  serialize: (mac) => mac,
  parseValue: (value) => text(value, 'a MAC'),
});

builder.scalarType('File', {
  description: 'A file of a multipart request. Larger reports go through `createScanUpload`.',
  specifiedByURL: 'https://github.com/jaydenseric/graphql-multipart-request-spec',
  serialize: () => {
    throw new GraphQLError('A File is only ever an input');
  },
  parseValue: (value) => {
    if (value instanceof Object && 'stream' in value && 'size' in value) return value as File;
    throw new GraphQLError('A File must come as a part of a multipart request');
  },
});

/** Reads a time with its offset, to the millisecond; Date.parse alone accepts far more. */
function readInstant(value: string): Instant {
  const shape = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$/;
  const instant = shape.test(value) ? Date.parse(value.replace(' ', 'T').toUpperCase()) : Number.NaN;
  if (Number.isNaN(instant)) throw refusal(value, 'a DateTime looks like 2026-11-23T10:15:00Z');
  if (!isInCalendar(value.slice(0, 10))) throw refusal(value, 'the calendar has no such day');
  return instant;
}

function text(value: unknown, what: string): string {
  if (typeof value === 'string' && value.length <= limits.valueCharactersMax) return value;
  throw new GraphQLError(`${what} is a string`);
}

function refusal(value: unknown, reason: string): GraphQLError {
  return new GraphQLError(`"${String(value).slice(0, limits.echoedCharactersMax)}": ${reason}`);
}
