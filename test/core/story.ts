import type { Change } from '../../src/core/change.ts';
import type { HostContent } from '../../src/core/content.ts';
import { portKey, portOf, setOfPorts } from '../../src/core/endpoint.ts';
import {
  type CoveredBefore,
  defaultThresholds,
  fold,
  type HostLook,
  type Thresholds,
} from '../../src/core/fold.ts';
import type { Service } from '../../src/core/observation.ts';
import type { Profile } from '../../src/core/scope.ts';
import { type HostState, unseenHost } from '../../src/core/state.ts';
import { cover } from '../../src/core/timeline.ts';

const whole: Profile = {
  ports: setOfPorts([22, 80].map((port) => portKey('tcp', port))),
  names: true,
  status: true,
  complete: true,
  absent: 'down',
};

/** The first day of every story; there is one look a day. */
export const firstDay = Date.UTC(2026, 0, 1);
const dayMs = 86_400_000;

/**
 * One look in a few words: `up 22 ?80 as a,b`. Of the ports 22 and 80, those are open that are named, `?` is
 * inconclusive, all others are closed. `down` and `quiet` (nobody knows, nothing open) are other states of
 * the host. `partial`, `sn` (no ports), `narrow` (22 only), `n` (no names) and `Pn` (hosts not tested) say how
 * it was looked. `22=nginx/1` names a probed service, `22=http` one from a table. `later 100` lets days pass.
 */
export function lookOf(words: string, place: { readonly scan: number; readonly at: number }): HostLook {
  const said = words.split(' ');
  const has = (word: string) => said.includes(word);
  const narrow = setOfPorts([portKey('tcp', 22)]);
  const isPartial = has('partial');
  const ports = isPartial || has('sn') ? [] : has('narrow') ? narrow : whole.ports;
  const profile: Profile = { ...whole, ports, complete: !isPartial, names: !has('n'), status: !has('Pn') };
  const as = said.indexOf('as');
  const names = as < 0 ? [] : (said[as + 1] ?? '').split(',');
  const opened = said.filter((word) => /^(22|80)(=|$)/.test(word));
  const unsure = said.filter((word) => word.startsWith('?')).map((word) => Number(word.slice(1)));
  const status = has('down') ? 'down' : has('quiet') ? 'unknown' : 'up';
  const content: HostContent = {
    status,
    ...(has('n') || status === 'down' ? {} : { names }),
    open: setOfPorts(opened.map((word) => Number.parseInt(word, 10))),
    shut: unsure.length === 0 ? [] : [{ state: 'open|filtered', ports: setOfPorts(unsure) }],
    usual: status === 'down' ? {} : { tcp: 'closed' },
    services: new Map(opened.flatMap((word) => serviceIn(word))),
  };
  return { ...place, profile, content };
}

function serviceIn(word: string): [number, Service][] {
  const [port, text] = word.split('=');
  if (text === undefined) return [];
  const [product, version] = text.split('/');
  const service: Service =
    version === undefined ? { name: text, probed: false } : { product: product ?? '', version, probed: true };
  return [[Number(port), service]];
}

/** The looks of a story, folded: what each brought, as `port_closed 22 x2`; `*` marks a first observation. */
export function tell(
  looks: readonly string[],
  limits: Partial<Thresholds> = {},
): { readonly told: string[][]; readonly changes: readonly Change[]; readonly state: HostState } {
  let state: HostState = unseenHost;
  let before: CoveredBefore = { host: false, ports: [] };
  let day = 0;
  const told: string[][] = [];
  const all: Change[] = [];
  for (const [index, words] of looks.entries()) {
    day += Number(/later (\d+)/.exec(words)?.[1] ?? 1);
    const look = lookOf(words, { scan: index + 1, at: firstDay + day * dayMs });
    const { state: next, changes } = fold(state, {
      look,
      before,
      thresholds: { ...defaultThresholds, ...limits },
    });
    state = next;
    before = cover(before, look.profile);
    all.push(...changes);
    told.push(changes.map(inWords));
  }
  return { told, changes: all, state };
}

function inWords({ kind, port, baseline, confirmations }: Change): string {
  return [
    `${kind}${baseline ? '*' : ''}`,
    ...(port === undefined ? [] : [portOf(port)]),
    ...(confirmations === 1 ? [] : [`x${confirmations}`]),
  ].join(' ');
}
