import type { Instant } from '../core/observation.ts';

/** Where in an inventory something stands. */
export interface InventoryPlace {
  /** Line of a line format, from 1. */
  readonly line?: number;
  /** The record of a structured format, from 1, and its own name for itself where it has one. */
  readonly record?: number;
  readonly name?: string;
}

/**
 * One statement as an inventory makes it: names and texts, not yet checked against what exists here. A statement
 * about several ports is one row; it becomes one statement for each range of ports.
 */
export interface StatementRow {
  /** The source's own name for it; without one, what it says about whom is its name. */
  readonly externalId?: string;
  /** Name of the address space; without one, the default of the import. */
  readonly addressSpace?: string;
  /** `192.0.2.10`, `10.0.0.0/8`, `group:web` or `*`. */
  readonly selector: string;
  /** Name of the scanner group from which it is seen; `*` or nothing for any. */
  readonly view?: string;
  /** As `formatPortSet` writes them; nothing where the statement is about the host. */
  readonly ports?: string;
  /** `required`, `allowed`, `forbidden` of ports; `present`, `optional`, `absent` of hosts. */
  readonly expect: string;
  readonly service?: string;
  readonly owner?: string;
  readonly ticket?: string;
  readonly description?: string;
  readonly validFrom?: Instant;
  readonly validUntil?: Instant;
  readonly locked?: boolean;
}

/** What an importer reads, in the order of the file: any number of the others, then one `end`. */
export type InventoryEvent =
  | { readonly kind: 'statement'; readonly place: InventoryPlace; readonly row: StatementRow }
  /** An address belongs to a host group. */
  | {
      readonly kind: 'member';
      readonly place: InventoryPlace;
      readonly group: string;
      readonly address: string;
    }
  /** The statement with this external id no longer holds (`action="DELETE"`); nobody need know of it. */
  | { readonly kind: 'removal'; readonly place: InventoryPlace; readonly externalId: string }
  /**
   * A record that was read, and of which nothing can be stated on purpose: a machine that was retired, a listener
   * on loopback, an asset without an address. It is told, and refuses nothing.
   */
  | { readonly kind: 'skipped'; readonly place: InventoryPlace; readonly reason: string }
  /** A record that cannot be read. It refuses a snapshot, for it might be what is still wanted. */
  | { readonly kind: 'problem'; readonly place: InventoryPlace; readonly reason: string }
  | { readonly kind: 'end'; readonly end: InventoryEnd };

export interface InventoryEnd {
  /** The document is whole: its own end was seen, and all of its pages are here. */
  readonly complete: boolean;
  /** Why it is not; only where `complete` is false. */
  readonly reason?: string;
  /** The document as a whole may stand for everything that its source declares. */
  readonly isSnapshot: boolean;
  /** The source's own number or time of this state, where it says so. */
  readonly externalRevision?: string;
}

/** What a caller may settle beforehand. */
export interface ImportOptions {
  /** Name of a shipped mapping profile, or one read from a file, for XML and JSON of unknown shape. */
  readonly profile?: MappingProfile;
  /** What a statement says of a port where the inventory has no word for it; `required` unless told. */
  readonly defaultExpect?: 'required' | 'allowed' | 'forbidden';
  /** The view of statements that name none. */
  readonly defaultView?: string;
  /** When statements made from observations are to be looked at again. */
  readonly reviewBy?: Instant;
  /** Name of the variable that holds the ports of an Ansible host; `open_ports` unless told. */
  readonly portsVariable?: string;
  /** Whom statements are about in formats that name nobody: lists of `80/tcp` for one host, goss. */
  readonly defaultSelector?: string;
  /**
   * Whether the loopback, link-local and unspecified addresses of foreign inventories are told as problems, since
   * they mean another machine to everybody, or taken as they are; `refuse` unless told.
   */
  readonly localAddresses?: 'refuse' | 'accept';
}

/** What a mapping can fill: the fields of a statement, and the protocol of ports that are written without one. */
export type StatementField = keyof StatementRow | 'protocol';

/** How records of some XML or JSON become statements. */
export interface MappingProfile {
  readonly name: string;
  readonly title: string;
  /** Path of one record from the root: `unload/*`, `REQUEST/CONTENT`; `*` is any one element. */
  readonly records: readonly string[];
  /** Field of a statement -> path inside the record (`@` before an attribute), several are tried in order. */
  readonly fields: Readonly<Partial<Record<StatementField, readonly string[]>>>;
  /** Fields that are the same for all records. */
  readonly constants: Readonly<Partial<Record<StatementField, string>>>;
  /** Translations of the words of a field. */
  readonly values: Readonly<Partial<Record<StatementField, Readonly<Record<string, string>>>>>;
  /**
   * A record is also a statement about the host itself. It keeps the external id of the record; the statement
   * about ports has `/ports` behind it.
   */
  readonly hosts?: 'present' | 'optional';
  /** Records whose path has this value are removals. */
  readonly removal?: { readonly path: string; readonly value: string };
  /** Records with another value at this path are left out; where they have an external id, they are removals. */
  readonly only?: { readonly path: string; readonly values: readonly string[] };
  /** Attribute with the number or time of this state, as a path from the root: `unload/@unload_date`. */
  readonly revision?: string;
  readonly isSnapshot: boolean;
}

/** One inventory format. `read` never throws for what the file holds, except InventoryRefused. */
export interface InventoryImporter {
  /** `<product>-<format>`, as in `--format`. */
  readonly name: string;
  readonly title: string;
  /** Whether a document that begins so (at most 64 kB) is of this format. */
  recognises(head: Uint8Array): boolean;
  read(source: AsyncIterable<Uint8Array>, options: ImportOptions): AsyncIterable<InventoryEvent>;
}

/** The document as a whole is refused; nothing of it may be used. */
export class InventoryRefused extends Error {
  override readonly name = 'InventoryRefused';
  readonly code:
    | 'NOT_AN_INVENTORY'
    | 'EMPTY'
    | 'UNSAFE_XML'
    | 'TOO_LARGE'
    | 'UNSUPPORTED_ENCODING'
    | 'CORRUPT';

  constructor(code: InventoryRefused['code'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}
