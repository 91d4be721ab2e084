import { createHash } from 'node:crypto';
import type { Address } from '../core/address.ts';
import type { AddressSet } from '../core/address-set.ts';
import { absentContent, contentOf, encodeContent, type HostContent } from '../core/content.ts';
import type { PortSet } from '../core/endpoint.ts';
import type { CoveredBefore } from '../core/fold.ts';
import type { HostObservation, Instant } from '../core/observation.ts';
import type { Profile } from '../core/scope.ts';
import { absentDigest, type Known } from './intake-known.ts';
import type { IntakeRequest, IntakeStore } from './intake-messages.ts';
import type { RowCollector } from './intake-rows.ts';
import type { Tally } from './intake-tally.ts';

/** One look of the scan while its hosts come in. */
export interface LookIntake {
  /** Undefined where the listed hosts are the scope. */
  readonly addresses: AddressSet | undefined;
  /** The port scope; undefined where none is known: then what is listed is taken as it is. */
  readonly ports: PortSet | undefined;
  readonly profile: Profile;
  readonly profileId: number;
  readonly partial: Profile;
  readonly partialId: number;
  readonly known: Map<Address, Known>;
  /** The known hosts are all there are in the scope; else they are asked for. */
  readonly isComplete: boolean;
}

/** What the scan says of one host, ready to be compared with what is known. */
export interface Item {
  readonly address: Address;
  readonly profile: Profile;
  readonly profileId: number;
  readonly content: HostContent;
  /** Canonical text of the content; empty for a covered host that is not listed, or is as good as not listed. */
  readonly text: string;
  readonly digest: string;
  readonly recordDigest: string;
  readonly reason: string | undefined;
  readonly observedAt: Instant | undefined;
  readonly known: Known | undefined;
}

/** What folding hosts needs beside the hosts. */
export interface FoldingContext {
  readonly request: IntakeRequest;
  readonly store: IntakeStore;
  readonly rows: RowCollector;
  readonly tally: Tally;
  readonly coveredBefore: (address: Address) => CoveredBefore;
}

/** What an observation says under its look. */
export function itemOf(host: HostObservation, look: LookIntake, recordDigest: string): Item {
  const profile = host.timedOut ? look.partial : look.profile;
  const profileId = host.timedOut ? look.partialId : look.profileId;
  const content = contentOf(host, profile);
  const encoded = encodeContent(content);
  const text = encoded === absentTextOf(profile) ? '' : encoded;
  return {
    address: host.address,
    profile,
    profileId,
    content,
    text,
    digest: digestOf(text),
    recordDigest: host.timedOut ? '' : recordDigest,
    reason: host.reason,
    observedAt: host.observedAt,
    known: host.timedOut ? undefined : look.known.get(host.address),
  };
}

/** The digest of canonical text: 128 bits, so that two contents never share one. */
export function digestOf(text: string): string {
  return text === '' ? absentDigest : createHash('sha256').update(text).digest('hex').slice(0, 32);
}

const absentTexts = new WeakMap<Profile, string>();

function absentTextOf(profile: Profile): string {
  let text = absentTexts.get(profile);
  if (text === undefined) {
    text = encodeContent(absentContent(profile));
    absentTexts.set(profile, text);
  }
  return text;
}
