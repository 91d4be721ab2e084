import { type SQL, sql } from 'drizzle-orm';
import { parseInstant } from '../../schema/types.ts';
import { BadInput, InUse, NameTaken, NotFound } from '../core/errors.ts';
import type { Scanner } from '../core/model.ts';
import type { Instant } from '../core/observation.ts';
import type { ScannerInput } from '../core/settings.ts';
import { limits } from '../limits.ts';
import { brokenRule } from './refusals.ts';
import { type ScannerSettings, scannerSettings } from './scanner-settings.ts';
import type { Session } from './session.ts';
import { instantText, list } from './statement.ts';

/** All scanners, by id, retired ones too. */
export function allScanners(session: Session): Promise<Scanner[]> {
  return select(session, sql`/* allScanners */`, sql`true`);
}

/** The scanners whose evidence counts, by id. */
export async function scannersInService(session: Session): Promise<ReadonlyMap<number, Scanner>> {
  const scanners = await allScanners(session);
  return new Map(
    scanners.filter(({ retiredAt }) => retiredAt === undefined).map((scanner) => [scanner.id, scanner]),
  );
}

/** One scanner. */
export async function findScanner(session: Session, id: number): Promise<Scanner | undefined> {
  return (await select(session, sql`/* findScanner */`, sql`scanner.id = ${id}::bigint`))[0];
}

/** One scanner, by its exact name. */
export async function findScannerByName(session: Session, name: string): Promise<Scanner | undefined> {
  return (await select(session, sql`/* findScannerByName */`, sql`scanner.name = ${name}`))[0];
}

/** One scanner, locked until the end of the transaction: what depends on its thresholds waits. Throws NotFound. */
export async function lockScanner(session: Session, id: number): Promise<Scanner> {
  await session.rows(sql`/* lockScanner */ select 1 from scanner where id = ${id}::bigint for update`);
  return (await findScanner(session, id)) ?? refuseId(id);
}

/** Adds a scanner. Throws BadInput, NameTaken, NotFound. */
export async function createScanner(
  session: Session,
  input: ScannerInput,
  createdAt: Instant,
): Promise<Scanner> {
  const settings = scannerSettings(input);
  const { fallbacks } = settings;
  const rows = await session
    .rows<{ id: number }>(sql`
      /* createScanner */
      insert into scanner (
        group_id, name, description,
        open_after_scans, closed_after_scans, gone_after_scans, back_after_scans, reopen_window_days,
        default_addresses, default_ports, expect_every_seconds, guard_share, bogus_ports, created_at
      )
      values (
        ${input.groupId}, ${settings.name}, coalesce(${settings.description}, ''),
        ${settings.openAfterScans ?? fallbacks.openAfterScans},
        ${settings.closedAfterScans ?? fallbacks.closedAfterScans},
        ${settings.goneAfterScans ?? fallbacks.goneAfterScans},
        ${settings.backAfterScans ?? fallbacks.backAfterScans},
        ${settings.reopenWindowDays ?? fallbacks.reopenWindowDays},
        ${textList(settings.defaultAddresses)}, ${settings.defaultPorts ?? null}, ${settings.expectEverySeconds ?? null},
        ${settings.guardShare ?? fallbacks.guardShare}, ${settings.bogusPorts ?? fallbacks.bogusPorts},
        ${instantText(createdAt)}
      )
      on conflict (name) do nothing
      returning id
    `)
    .catch((error: unknown) => refuse(error, { name: settings.name, groupId: input.groupId }));
  const [created] = rows;
  return (created && (await findScanner(session, created.id))) ?? refuseName(settings.name);
}

/**
 * Changes the row of a scanner that is locked. It stays in its address space once it has scans.
 * Throws BadInput, NameTaken, NotFound.
 */
export async function updateScanner(
  session: Session,
  known: Scanner,
  input: Partial<ScannerInput>,
): Promise<Scanner> {
  const settings = scannerSettings(input);
  const groupId = input.groupId ?? known.groupId;
  const rows = await session
    .rows<{ id: number }>(updateStatement(known, settings, groupId))
    .catch((error: unknown) => refuse(error, { name: settings.name, groupId }));
  if (rows.length === 0) refuseMove(known);
  return (await findScanner(session, known.id)) ?? refuseId(known.id);
}

/** Takes a locked scanner out of service: its evidence stops counting at once. Once is enough. */
export async function retireScanner(session: Session, known: Scanner, retiredAt: Instant): Promise<Scanner> {
  await session.rows(sql`
    /* retireScanner */
    update scanner
    set retired_at = ${instantText(retiredAt)}::text::timestamptz
    where id = ${known.id} and retired_at is null
  `);
  return (await findScanner(session, known.id)) ?? refuseId(known.id);
}

/** Removes a scanner without scans. Throws NotFound, InUse. */
export async function removeScanner(session: Session, id: number): Promise<Scanner> {
  const known = (await findScanner(session, id)) ?? refuseId(id);
  await session
    .rows(sql`/* removeScanner */ delete from scanner where id = ${id}::bigint returning id`)
    .catch((error: unknown) => {
      if (brokenRule(error) !== 'reference') throw error;
      throw new InUse(`The scanner "${known.name}" has scans, which are evidence: it cannot be removed`);
    });
  return known;
}

function updateStatement(known: Scanner, settings: ScannerSettings, groupId: number): SQL {
  const { thresholds } = known;
  const kept = <T>(value: T | undefined, old: T | undefined) => (value === undefined ? old : value) ?? null;
  return sql`
    /* updateScanner */
    update scanner
    set
      group_id = ${groupId}::integer,
      name = coalesce(${settings.name}, name),
      description = coalesce(${settings.description}, description),
      open_after_scans = ${settings.openAfterScans ?? thresholds.openAfterScans},
      closed_after_scans = ${settings.closedAfterScans ?? thresholds.closedAfterScans},
      gone_after_scans = ${settings.goneAfterScans ?? thresholds.goneAfterScans},
      back_after_scans = ${settings.backAfterScans ?? thresholds.backAfterScans},
      reopen_window_days = ${settings.reopenWindowDays ?? thresholds.reopenWindowDays},
      default_addresses = ${textList(kept<readonly string[] | null>(settings.defaultAddresses, known.defaultAddresses))},
      default_ports = ${kept<string | null>(settings.defaultPorts, known.defaultPorts)},
      expect_every_seconds = ${kept<number | null>(settings.expectEverySeconds, known.expectEverySeconds)}::integer,
      guard_share = ${settings.guardShare ?? known.guardShare},
      bogus_ports = ${settings.bogusPorts ?? known.bogusPorts}
    where id = ${known.id}
      and (
        not exists (
          select
          from scanner_group
          where id = ${groupId}::integer and address_space_id <> ${known.addressSpaceId}
        )
        or not exists (select from scan where scanner_id = ${known.id})
      )
    returning id
  `;
}

interface ScannerRow {
  readonly id: number;
  readonly groupId: number;
  readonly addressSpaceId: number;
  readonly name: string;
  readonly description: string;
  readonly openAfterScans: number;
  readonly closedAfterScans: number;
  readonly goneAfterScans: number;
  readonly backAfterScans: number;
  readonly reopenWindowDays: number;
  readonly defaultAddresses: readonly string[] | null;
  readonly defaultPorts: string | null;
  readonly expectEverySeconds: number | null;
  readonly guardShare: number;
  readonly bogusPorts: number;
  readonly createdAt: string;
  readonly retiredAt: string | null;
}

async function select(session: Session, name: SQL, condition: SQL): Promise<Scanner[]> {
  const rows = await session.rows<ScannerRow>(sql`
    ${name}
    select
      scanner.id,
      scanner.group_id as "groupId",
      scanner_group.address_space_id as "addressSpaceId",
      scanner.name,
      scanner.description,
      open_after_scans as "openAfterScans",
      closed_after_scans as "closedAfterScans",
      gone_after_scans as "goneAfterScans",
      back_after_scans as "backAfterScans",
      reopen_window_days as "reopenWindowDays",
      default_addresses as "defaultAddresses",
      default_ports as "defaultPorts",
      expect_every_seconds as "expectEverySeconds",
      guard_share as "guardShare",
      bogus_ports as "bogusPorts",
      created_at::text as "createdAt",
      retired_at::text as "retiredAt"
    from scanner
    join scanner_group on scanner_group.id = scanner.group_id
    where ${condition}
    order by scanner.id
    limit ${limits.smallTableRowsMax}
  `);
  return rows.map(toScanner);
}

function toScanner(row: ScannerRow): Scanner {
  const { openAfterScans, closedAfterScans, goneAfterScans, backAfterScans, reopenWindowDays, ...rest } = row;
  const { defaultAddresses, defaultPorts, expectEverySeconds, createdAt, retiredAt, ...named } = rest;
  return {
    ...named,
    thresholds: { openAfterScans, closedAfterScans, goneAfterScans, backAfterScans, reopenWindowDays },
    ...(defaultAddresses === null ? {} : { defaultAddresses }),
    ...(defaultPorts === null ? {} : { defaultPorts }),
    ...(expectEverySeconds === null ? {} : { expectEverySeconds }),
    createdAt: parseInstant(createdAt),
    ...(retiredAt === null ? {} : { retiredAt: parseInstant(retiredAt) }),
  };
}

function textList(values: readonly string[] | null | undefined): SQL {
  return values == null ? sql`null::text[]` : list(values, 'text');
}

function refuse(error: unknown, { name, groupId }: { name: string | null; groupId: number }): never {
  const rule = brokenRule(error);
  if (rule === 'unique') refuseName(name);
  if (rule === 'reference') throw new NotFound(`There is no scanner group ${groupId}`);
  throw error;
}

function refuseMove({ name }: Scanner): never {
  throw new BadInput(
    `The scanner "${name}" has scans, so it stays in its address space: choose a group of that space`,
    'group',
  );
}

function refuseName(name: string | null): never {
  throw new NameTaken(`There is a scanner named "${name}" already: choose another name`);
}

function refuseId(id: number): never {
  throw new NotFound(`There is no scanner ${id}`);
}
