import { fc, test as law } from '@fast-check/vitest';
import { describe, expect } from 'vitest';
import { type InputAgent, ReportRefused } from '../../src/input/agent.ts';
import { agents } from '../../src/input/agents.ts';
import { agentNamed, detectAgent } from '../../src/input/detect.ts';
import { type Edit, edited, edits } from '../input/edits.ts';
import { ownSamples, sampleHints } from '../input/own-samples.ts';
import { type ReadReport, readWith } from '../input/reading.ts';
import { propertyRuns } from '../support/property-runs.ts';

/** One of the samples by its agent's name, so that a failure says which. */
const names = [...new Set(ownSamples.map(({ agent }) => agent))];

describe.each(names)('%s', (name) => {
  const files = ownSamples.filter(({ agent }) => agent === name);

  law.prop([fc.constantFrom(...files), edits, fc.double({ min: 0, max: 1, noNaN: true })], {
    numRuns: Math.ceil(propertyRuns(8000) / names.length),
  })(
    'survives whatever is done to its reports, and reads them alike in any chunks',
    ({ bytes }, changes, share) => {
      const broken = edited(bytes, changes);
      const cut = Math.floor(share * broken.length);
      const agent = agentNamed(name);
      const whole = outcome(agent, broken, []);
      expect(outcome(agent, broken, [cut, cut + 1, cut >> 1])).toEqual(whole);
      if (typeof whole !== 'string') expectWellFormed(whole);
    },
  );
});

law.prop([fc.constantFrom(...ownSamples), edits, fc.constantFrom(...agents)], {
  numRuns: propertyRuns(2000),
})('any agent survives the report of any other', ({ bytes }, changes, agent) => {
  const whole = outcome(agent, edited(bytes, changes), []);
  if (typeof whole !== 'string') expectWellFormed(whole);
});

law.prop([fc.constantFrom(...ownSamples), edits], { numRuns: propertyRuns(2000) })(
  'whatever is done to a report, an agent is found or the reason is told',
  ({ bytes }, changes: readonly Edit[]) => {
    try {
      expect(agents).toContain(detectAgent(edited(bytes, changes)));
    } catch (error) {
      expect(error).toBeInstanceOf(ReportRefused);
    }
  },
);

function outcome(agent: InputAgent, bytes: Buffer, cuts: readonly number[]): ReadReport | string {
  try {
    const within = cuts.map((cut) => Math.min(cut, bytes.length));
    return readWith(agent.open(sampleHints), bytes, within);
  } catch (error) {
    if (error instanceof ReportRefused) return error.code;
    throw error;
  }
}

/** What every report keeps to, however broken: ends with reasons, ports in order and within their bounds. */
function expectWellFormed({ runs }: ReadReport): void {
  for (const { hosts, end } of runs) {
    expect(end).toBeDefined();
    expect(end?.complete === false).toBe(end?.reason !== undefined);
    for (const { ports, observedAt } of hosts) {
      expect(observedAt === undefined || observedAt > 0).toBe(true);
      for (const [index, { port }] of ports.entries()) {
        expect(port > (ports[index - 1]?.port ?? -1) && port < 4 << 16).toBe(true);
      }
    }
  }
}
