import type { Command } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { encodeGlobalId } from '../graphql/global-id.ts';
import { type Api, type Outcome, payloadOf } from './api.ts';
import { readNumber } from './argument-values.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { tell } from './terminal.ts';

const actions = {
  discard: { description: 'let a scan no longer count: as if it had never come', done: 'Discarded' },
  release: { description: 'let a held scan count', done: 'Released' },
  restore: { description: 'let a discarded scan count again', done: 'Restored' },
} as const;

/** Adds `scan`: decisions about single scans. */
export function addScan(program: Command): void {
  const scan = program.command('scan').description('decide whether a scan counts');
  for (const [action, { description, done }] of Object.entries(actions)) {
    const command = scan.command(action).description(description);
    command.argument('<number>', 'as `scans` lists it', readNumber(1, Number.MAX_SAFE_INTEGER));
    addPlaceOptions(command).action((id: number, options: PlaceOptions) =>
      withApi(options, 'existing', (api) => decide(api, { id, action, done })),
    );
  }
}

interface Decision {
  readonly hosts: number;
  readonly retractions: number;
  readonly changes: number;
}

async function decide(
  api: Api,
  { id, action, done }: { id: number; action: string; done: string },
): Promise<void> {
  const name = `${action.charAt(0).toUpperCase()}${action.slice(1)}`;
  const document = `
    mutation ($id: ID!) {
      outcome: ${action}Scan(id: $id) {
        ... on Error { message }
        ... on ${name}ScanPayload { decision { hosts retractions changes } }
      }
    }
  `;
  const variables = { id: encodeGlobalId('Scan', String(id)) };
  const { outcome } = await api.query<{ outcome: Outcome<{ decision: Decision }> }>(document, variables);
  const { hosts, retractions, changes } = payloadOf(outcome).decision;
  tell(
    `${done} scan ${id}: ${hosts} hosts looked at again, ${retractions} changes taken back, ${changes} added.`,
  );
}
