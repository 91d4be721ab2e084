import './scalars.ts';
import './errors.ts';
import './address-space.ts';
import './scanner-group.ts';
import './scanner.ts';
import './scan.ts';
import './host.ts';
import './endpoint.ts';
import './change.ts';
import './health.ts';
import './history.ts';
import './difference.ts';
import './scan-difference.ts';
import './group-view.ts';
import './decision.ts';
import './upload.ts';
import './node.ts';
import { builder } from './builder.ts';

/** The schema of the public API. */
export const schema = builder.toSchema();
