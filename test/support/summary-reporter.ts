import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';

/** Ends the output with one plain line, `123 passed, 0 failed, 2 skipped`, after what was skipped and why. */
export default class SummaryReporter implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const cases = modules.flatMap((module) => [...module.children.allTests()]);
    const counts = { passed: 0, failed: 0, skipped: 0, pending: 0 };
    for (const { state } of cases.map((test) => test.result())) counts[state] += 1;

    // A file that does not load and an error outside of any test fail the run without a failed test.
    const broken = modules.filter((module) => module.state() === 'failed' && !hasFailedTest(module)).length;
    const failed = counts.failed + counts.pending + broken + unhandledErrors.length;
    const skipped = skipLines(cases.filter((test) => test.result().state === 'skipped'));

    // The default reporter writes its own summary in this same event; ours comes last.
    process.once('exit', () => process.stdout.write(`${this.#end(skipped, { ...counts, failed })}\n`));
  }

  #end(skipped: readonly string[], counts: { passed: number; failed: number; skipped: number }): string {
    // Filters such as `-t` skip by intent; that is not worth a warning for each.
    const loud = this.#vitest?.config.testNamePattern ? [] : skipped;
    return [...loud, `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`].join(
      '\n',
    );
  }
}

function hasFailedTest(module: TestModule): boolean {
  return [...module.children.allTests('failed')].length > 0;
}

/** One line for each reason; a test without one is named. */
function skipLines(tests: readonly TestCase[]): string[] {
  const groups = new Map<string, string[]>();
  for (const test of tests) {
    const place = `${test.module.relativeModuleId} > ${test.fullName}`;
    const reason = reasonOf(test) ?? place;
    const group = groups.get(reason);
    if (group === undefined) groups.set(reason, [test.module.relativeModuleId]);
    else group.push(test.module.relativeModuleId);
  }
  return Array.from(
    groups,
    ([reason, files]) => `SKIPPED ${files.length} in ${[...new Set(files)].join(', ')}: ${reason}`,
  );
}

/** What `skippedBecause` wrote into the name of the suite, or the note of the test. */
function reasonOf(test: TestCase): string | undefined {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  return note ?? /\[(needs [^\]]+)\]/.exec(test.fullName)?.[1];
}
