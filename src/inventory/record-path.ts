import { isList, isObject, type Json, textOfJson } from './json-value.ts';
import type { XmlElement } from './xml-element.ts';

/** A record of which a mapping profile asks for the values at its paths; what is there and empty is an empty text. */
export type ValuesAt = (path: string) => readonly string[];

/**
 * The values at a path of an XML record: names of elements, `*` for any, `@` before an attribute, `.` for the record
 * itself; `category[@const=C__CATG__IP]` are only those elements whose attribute has this value.
 */
export function valuesInXml(record: XmlElement): ValuesAt {
  return (path) => {
    const parts = path.split('/');
    const last = parts.at(-1) ?? '';
    const isAttribute = last.startsWith('@');
    const found = (isAttribute ? parts.slice(0, -1) : parts).reduce<readonly XmlElement[]>(stepInto, [
      record,
    ]);
    const values = found.map(({ attributes, text }) => (isAttribute ? attributes.get(last.slice(1)) : text));
    return values.filter((value) => value !== undefined);
  };
}

function stepInto(elements: readonly XmlElement[], part: string): readonly XmlElement[] {
  if (part === '.') return elements;
  const children =
    elements.length === 1 ? (elements[0]?.children ?? []) : elements.flatMap((each) => each.children);
  if (part === '*') return children;
  if (!part.endsWith(']')) return children.filter(({ name }) => name === part);
  const [, name, attribute = '', wanted] = /^([^[]+)\[@([^=]+)=([^\]]*)\]$/.exec(part) ?? [];
  return children.filter((child) => child.name === name && child.attributes.get(attribute) === wanted);
}

/** The values at a path of a JSON record: keys, `*` for any, through lists; `.` is the record itself. */
export function valuesInJson(record: Json): ValuesAt {
  return (path) => {
    const found = path.split('/').reduce<readonly Json[]>(stepIntoJson, flat(record));
    return found.flatMap((value) => (isObject(value) ? [] : [textOfJson(value) ?? '']));
  };
}

function stepIntoJson(values: readonly Json[], part: string): readonly Json[] {
  if (part === '.') return values;
  return values.flatMap((value) => {
    if (part === '*') return isObject(value) ? Object.values(value).flatMap(flat) : [];
    return isObject(value) && Object.hasOwn(value, part) ? flat(value[part] ?? null) : [];
  });
}

function flat(value: Json): readonly Json[] {
  return isList(value) ? value.flatMap(flat) : [value];
}
