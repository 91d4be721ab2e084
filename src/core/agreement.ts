import type { EndpointVerdict } from './model.ts';

/** The answer of several views together: open if any is; not open if none is and one is not open; else unknown. */
export function agree(verdicts: Iterable<EndpointVerdict>): EndpointVerdict {
  let together: EndpointVerdict = 'unknown';
  for (const verdict of verdicts) {
    if (verdict === 'open') return 'open';
    if (verdict === 'not_open') together = 'not_open';
  }
  return together;
}
