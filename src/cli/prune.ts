import { type Command, Option } from 'commander';
import type { PlaceOptions } from '../config.ts';
import { type Api, type Outcome, payloadOf } from './api.ts';
import { readAddressArgument, readMoment, readNetworks } from './argument-values.ts';
import { Failure } from './failure.ts';
import { addPlaceOptions, withApi } from './place-options.ts';
import { addSourceOptions, filter, type SourceOptions, sourceFilter } from './row-options.ts';
import { tell } from './terminal.ts';

interface PruneOptions extends PlaceOptions, SourceOptions {
  readonly before?: string;
  readonly network?: readonly string[];
  readonly dryRun?: boolean;
}

/** Adds `prune`: takes old history away, and `forget`: begins a new life for an address. */
export function addPrune(program: Command): void {
  const command = program
    .command('prune')
    .description('take history away; the present state, and the last change of what still exists, stays')
    .addOption(
      filter('--before <time>', 'up to 2026-11-23T10:15:00Z, or to 90d, 52w ago (else now)').argParser(
        readMoment,
      ),
    )
    .addOption(filter('--network <networks>', 'of these addresses').argParser(readNetworks))
    .addOption(new Option('--dry-run', 'only tell what would go'));
  addPlaceOptions(addSourceOptions(command)).action((options: PruneOptions) =>
    withApi(options, 'existing', (api) => prune(api, options)),
  );
  const forget = program
    .command('forget')
    .description('begin a new life for an address that another machine has now')
    .argument('<address>', 'such as 192.0.2.7 or 2001:db8::7', readAddressArgument)
    .addOption(filter('--space <name>', 'in this address space (else "default")'));
  addPlaceOptions(forget).action((address: string, options: PlaceOptions & { readonly space?: string }) =>
    withApi(options, 'existing', (api) => forgetHost(api, address, options.space)),
  );
}

interface Counts {
  readonly hosts: number;
  readonly logRows: number;
  readonly runs: number;
  readonly scans: number;
}

async function prune(api: Api, options: PruneOptions): Promise<void> {
  const { before, network, dryRun = false } = options;
  const input = { ...sourceFilter(options), before, networks: network };
  if (Object.values(input).every((value) => value === undefined)) {
    throw new Failure('Say what is to go: --before, --scanner, --group, --space or --network');
  }
  const { outcome } = await api.query<{ outcome: Outcome<{ counts: Counts }> }>(document, { input, dryRun });
  const { hosts, logRows, runs, scans } = payloadOf(outcome).counts;
  const said = `history of ${hosts} hosts, ${logRows} rows of the change log, ${runs} stored contents, ${scans} scans`;
  tell(dryRun ? `Would take away: ${said}.` : `Took away: ${said}.`);
}

const document = /* GraphQL */ `
  mutation ($input: PruneInput!, $dryRun: Boolean!) {
    outcome: prune(input: $input, dryRun: $dryRun) {
      ... on Error { message }
      ... on PrunePayload { counts { hosts logRows runs scans } }
    }
  }
`;

async function forgetHost(api: Api, address: string, space: string | undefined): Promise<void> {
  const variables = { address, addressSpace: space === undefined ? undefined : { name: space } };
  const { outcome } = await api.query<{ outcome: Outcome<{ scanners: number }> }>(forgetting, variables);
  const { scanners } = payloadOf(outcome);
  tell(`Forgot ${address}, which ${scanners} ${scanners === 1 ? 'scanner' : 'scanners'} knew.`);
}

const forgetting = /* GraphQL */ `
  mutation ($address: IPAddress!, $addressSpace: AddressSpaceSelector) {
    outcome: forgetHost(address: $address, addressSpace: $addressSpace) {
      ... on Error { message }
      ... on ForgetHostPayload { scanners }
    }
  }
`;
