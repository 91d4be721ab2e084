import { addressAt } from '../core/address.ts';
import { formatPortSet } from '../core/endpoint.ts';
import type { WinningRule as Rule } from '../core/expectation.ts';
import type { Selector, Subject, Undeclared as Word } from '../core/target.ts';
import type {
  BrakeKind as Brake,
  ImportMode as Mode,
  StatementOrigin as Origin,
} from '../core/target-model.ts';
import { enumOf } from './values.ts';

export const Expectation = enumOf<Subject['expect']>('Expectation', 'What is declared of ports and hosts.', {
  required: 'Of ports: must be open.',
  allowed: 'Of ports: may be open.',
  forbidden: 'Of ports: must not be open.',
  present: 'Of hosts: must be up.',
  optional: 'Of hosts: may be up.',
  absent: 'Of hosts: must not be up.',
});

export const PortExpectation = enumOf<'required' | 'allowed' | 'forbidden'>(
  'PortExpectation',
  'What is declared of ports.',
  { required: 'Must be open.', allowed: 'May be open.', forbidden: 'Must not be open.' },
);

export const Undeclared = enumOf<Word>('Undeclared', 'What ports or hosts are that nobody declared.', {
  drift: 'A deviation where they are open or up.',
  allow: 'As they should be.',
  ignore: 'Nobody cares.',
});

export const SelectorKind = enumOf<Selector['kind']>('SelectorKind', 'Whom a statement is about.', {
  host: 'One address.',
  cidr: 'A network.',
  group: 'A host group.',
  all: 'Everything in the address space.',
});

export const StatementOrigin = enumOf<Origin>('StatementOrigin', 'How a statement came.', {
  import: 'It was imported.',
  manual: 'A person accepted it into the target.',
  baseline: 'It was observed, and is allowed for now.',
});

export const ImportMode = enumOf<Mode>('ImportMode', 'How an import is meant.', {
  snapshot: 'Instead of what the source declared before, in the networks that are named or everywhere.',
  patch: 'In addition: what has the same external id is changed, removals are taken away.',
  baseline: 'Open ports of a scan become allowed until they are reviewed.',
});

export const BrakeKind = enumOf<Brake>('BrakeKind', 'Why an import waits until somebody lets it go.', {
  empty_snapshot: 'A snapshot without any statement.',
  deletes: 'It takes away a large share of the statements.',
  wide_allowed: 'It allows ports on a network wider than /16 or /32 of IPv6.',
  resolves_forbidden: 'Many open ports that are forbidden would no longer be drift.',
  truncated: 'The document does not reach its end.',
  older_revision: 'The source itself says that it is older than what was imported last.',
});

export const WinningRule = enumOf<Rule>('WinningRule', 'Why a statement wins over the others.', {
  only_one: 'No other speaks of it.',
  selector: 'It is more specific: host, longer prefix, group, all.',
  view: 'It names the view, the others any.',
  port_range: 'Its range of ports is narrower.',
  source_priority: 'Its source has the higher priority.',
  stricter: 'Another of equal rank says something else; the stricter one wins, and that is a conflict.',
  same_value: 'Others of equal rank say the same.',
  locked: 'It is locked: more specific ones may only tighten it.',
});

/** A selector as people write it: `192.0.2.10`, `10.0.0.0/8`, `group:web`, `*`. */
export function selectorText(selector: Selector): string {
  switch (selector.kind) {
    case 'host':
      return selector.address;
    case 'cidr':
      return `${addressAt(selector.first)}/${selector.prefix}`;
    case 'group':
      return `group:${selector.name}`;
    case 'all':
      return '*';
  }
}

/** The ports of a statement as in `1-1024/tcp`; null where it is about the host. */
export function portsText(subject: Subject): string | null {
  if (subject.kind === 'host') return null;
  return formatPortSet([{ first: subject.first, last: subject.last }]);
}
