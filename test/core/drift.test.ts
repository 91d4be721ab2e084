import { expect, test } from 'vitest';
import { assessHost, type HostSight, type Sight } from '../../src/core/drift.ts';
import { portKey } from '../../src/core/endpoint.ts';
import { indexTarget } from '../../src/core/expectation.ts';
import type { PortExpectation, Statement } from '../../src/core/target.ts';

const https = portKey('tcp', 443);

function assess(expects: PortExpectation | undefined, seen: Sight) {
  const selector = { kind: 'host', address: '10.0.0.1' } as const;
  const shared = { sourceId: 1, priority: 0, selector, locked: false };
  const declared: Statement = { ...shared, id: 1, subject: { kind: 'host', expect: 'optional' } };
  const statements =
    expects === undefined
      ? [declared]
      : [
          declared,
          {
            ...shared,
            id: 2,
            subject: { kind: 'port', first: https, last: https, expect: expects },
          } as const,
        ];
  const target = indexTarget({ addressSpaceId: 1, statements, policies: [], groups: new Map() });
  const sight: HostSight = { host: 'up', open: seen.verdict === 'open' ? [https] : [], port: () => seen };
  const { deviations, unverifiable } = assessHost(target.about('10.0.0.1', 1, 0), sight, [https]);
  return [...deviations.map(({ kind }) => kind), ...unverifiable.map(({ reason }) => reason)];
}

const unknown = { verdict: 'unknown', reason: 'never_scanned' } as const;

test.each([
  ['required', 'port_missing when not open', ['port_missing'], []],
  ['allowed', 'never a deviation', [], []],
  ['forbidden', 'port_forbidden when open', [], ['port_forbidden']],
  [undefined, 'port_unexpected when open', [], ['port_unexpected']],
] as const)('an endpoint that is %s is %s, and unknown where nobody looked', (expects, _name, shut, open) => {
  expect(assess(expects, { verdict: 'not_open' })).toEqual(shut);
  expect(assess(expects, { verdict: 'open' })).toEqual(open);
  expect(assess(expects, unknown)).toEqual(expects === 'allowed' ? [] : ['never_scanned']);
});

test.each([
  ['drift', 'host_unexpected'],
  ['allow', undefined],
  ['ignore', undefined],
] as const)(
  'a host that nobody declares, policy %s, deviates while it is up, and is unknown where nobody looks',
  (undeclared, kind) => {
    const policy = {
      id: 1,
      selector: { kind: 'all' },
      undeclaredPorts: undeclared,
      undeclaredHosts: undeclared,
    } as const;
    const index = indexTarget({ addressSpaceId: 1, statements: [], policies: [policy], groups: new Map() });
    const seen = (host: HostSight['host']) =>
      assessHost(index.about('10.0.0.1', 1, 0), { host, open: [], port: () => unknown }, []);
    expect(seen('up').deviations.map((one) => one.kind)).toEqual(kind === undefined ? [] : [kind]);
    expect(seen('not_up')).toMatchObject({ deviations: [], unverifiable: [] });
    const doubts = kind === undefined ? [] : [{ side: 'excess', reason: 'stale' }];
    expect(seen('stale')).toMatchObject({ deviations: [], unverifiable: doubts });
  },
);
