import type { DriftKind as Kind, UnverifiableReason as Reason, DriftSide as Side } from '../core/drift.ts';
import type * as drift from '../core/drift-model.ts';
import { enumOf } from './values.ts';

export const DriftKind = enumOf<Kind>(
  'DriftKind',
  'How what is observed can deviate from what is declared.',
  {
    port_missing: 'Required, and not open.',
    port_unexpected: 'Open, and nobody declared it.',
    port_forbidden: 'Open, and forbidden.',
    host_missing: 'Declared present, was covered, and is not up.',
    host_unexpected: 'Up, and nobody declared it.',
    host_forbidden: 'Up, and declared absent.',
    service_mismatch:
      'Open as declared, and another service is behind it; only where a policy assesses services.',
  },
);

export const DriftSide = enumOf<Side>('DriftSide', 'On which side something is wrong.', {
  missing: 'It should be there and is not.',
  excess: 'It is there and should not be.',
});

export const DriftState = enumOf<drift.DriftItem['state']>('DriftState', 'Whether a deviation lasts.', {
  open: 'It lasts, as far as anybody knows.',
  resolved: 'It is over.',
});

export const DriftCause = enumOf<drift.DriftCause>('DriftCause', 'What made a drift item open or resolve.', {
  observation: 'A scan saw something else.',
  target_change: 'The target says something else.',
  policy_change: 'A policy says something else.',
  expiry: 'A statement began or ended to be in force.',
  host_retired: 'The host or its scanners are gone for good.',
});

export const UnverifiableReason = enumOf<Reason>('UnverifiableReason', 'Why nobody can say.', {
  never_scanned: 'No scan of the view covered the host.',
  stale: 'The last look is older than the policy allows.',
  port_not_in_scope: 'Scans covered the host, but not this port.',
  scan_partial: 'Only scans that did not reach their end looked at it.',
  inconclusive: 'The tool could not tell open from filtered.',
  host_gone: 'The host is gone; its ports went with it.',
  scanners_disagree: 'Scanners of the view say different things.',
});

export const DriftEventKind = enumOf<drift.DriftEventKind>('DriftEventKind', 'What happens to drift.', {
  opened: 'A deviation was found.',
  reopened: 'A deviation that was resolved is back: a new episode.',
  resolved: 'A deviation is over.',
  acknowledged: 'A person has seen it.',
  waived: 'A person accepts it until a date.',
  waiver_expired: 'It is no longer accepted.',
  became_unverifiable: 'Its evidence went; it stays open.',
  verifiable_again: 'There is evidence again.',
  changed: 'It deviates in another way: what was unexpected is forbidden now, or the other way round.',
  flapping: 'It opened and resolved again and again in a short time.',
  imported: 'A target source changed what it declares; the event counts what that did to drift.',
});

export const DriftGrouping = enumOf<drift.DriftGrouping>('DriftGrouping', 'What a summary has a row for.', {
  subnet: 'Each /24 of IPv4, each /64 of IPv6.',
  owner: 'Each owner.',
  kind: 'Each kind of drift.',
  view: 'Each scanner group.',
  group: 'Each host group; a host counts in each of its groups.',
});

export const CoverageGrouping = enumOf<drift.CoverageGrouping>(
  'CoverageGrouping',
  'What a report of coverage has a row for.',
  { view: 'Each scanner group.', subnet: 'Each /24 of IPv4, each /64 of IPv6.', owner: 'Each owner.' },
);

export const ComplianceVerdict = enumOf<drift.Compliance['verdict']>(
  'ComplianceVerdict',
  'How a host stands.',
  {
    compliant: 'Everything declared was verified and is as it should be.',
    drift: 'Something deviates.',
    unknown: 'Nothing is known to deviate, but something could not be verified.',
    undeclared: 'Nobody declared anything of it.',
  },
);
