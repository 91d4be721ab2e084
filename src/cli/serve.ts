import { rmSync, writeFileSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { databasePlace, defaultHost, defaultPort, type PlaceOptions, withoutPassword } from '../config.ts';
import { readNumber, readTexts, readWord } from './argument-values.ts';
import { takeInbox } from './inbox-intake.ts';
import { addressFileIn, dataOption, openDatabasePlace } from './place-options.ts';
import { outputSurface, print } from './terminal.ts';
import { terminalText } from './terminal-text.ts';

const logLevels = ['error', 'warn', 'info', 'debug'] as const;

interface ServeOptions extends PlaceOptions {
  readonly port: number;
  readonly host: string;
  readonly expose?: boolean;
  readonly allowHost?: readonly string[];
  readonly inbox?: string;
  readonly logLevel: (typeof logLevels)[number];
}

/** Adds `serve`: the server. */
export function addServe(program: Command): void {
  program
    .command('serve')
    .description('run the server: GraphQL, subscriptions, uploads, and a page to ask with')
    .option('--port <number>', 'where to listen; 0 takes any free port', readNumber(0, 65535), defaultPort)
    .option('--host <address>', 'the address to listen on', defaultHost)
    .option('--expose', 'listen where others can reach it, although nobody has to log in')
    .addOption(
      new Option('--allow-host <name>', 'a name under which it is reached (repeatable)').argParser(readTexts),
    )
    .option('--inbox <directory>', 'also take in what is put into the folders there, as watch-inbox does')
    .addOption(
      new Option(
        '--log-level <level>',
        `one of ${logLevels.join(', ')}; the log goes to standard error as JSON`,
      )
        .argParser(readWord(logLevels))
        .default('warn'),
    )
    .addOption(dataOption())
    .action(serve);
}

async function serve(options: ServeOptions): Promise<void> {
  const place = databasePlace(options, process.env);
  const [{ startServer }, { createLog }, { stopOnSignal }, { databaseApi }] = await Promise.all([
    import('../server/http.ts'),
    import('../server/log.ts'),
    import('../server/signals.ts'),
    import('./api-database.ts'),
  ]);
  const log = createLog();
  log.level = options.logLevel;
  const open = await openDatabasePlace(place, 'create');
  const { application, spool, startTicking, close } = open;
  const directory = place.kind === 'embedded' ? place.directory : undefined;
  try {
    const server = await startServer(application, {
      host: options.host,
      port: options.port,
      exposed: options.expose ?? false,
      allowedHosts: options.allowHost ?? [],
      log,
      spoolDirectory: spool,
    });
    startTicking();
    // Commands on the same data must ask this server.
    const api = databaseApi({ ...open, place: ` --server ${server.url}` });
    const inbox = options.inbox === undefined ? undefined : await takeInbox(api, options.inbox);
    const stopped = stopOnSignal({
      close: async () => {
        await inbox?.close();
        await server.close();
      },
    });
    if (directory !== undefined) writeFileSync(addressFileIn(directory), `${server.url}\n`);
    const data = directory ?? `PostgreSQL at ${withoutPassword(place.url)}`;
    await print(greeting(server.url, data, options.port));
    await stopped;
  } finally {
    if (directory !== undefined) rmSync(addressFileIn(directory), { force: true });
    await close();
  }
}

/** What the terminal says when the server is ready: where it is, and a line to copy. */
function greeting(url: string, data: string, port: number): string {
  const { colours } = outputSurface();
  const server = port === defaultPort && url.includes(`//${defaultHost}:`) ? '' : ` --server ${url}`;
  return `Dr. Portscan listens on ${colours.bold(url)}
  data      ${terminalText(data)}
  GraphiQL  ${url}/graphql

A first report, in another terminal:
  nmap -oX - 127.0.0.1 | npx drportscan push - --scanner first --create${server}

Ctrl-C stops it.
`;
}
