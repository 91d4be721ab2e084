import { type ExecutionResult, GraphQLError, graphql, parse, subscribe } from 'graphql';
import { encodeGlobalId, readId } from '../graphql/global-id.ts';
import { createLoaders, type GraphqlContext } from '../graphql/loaders.ts';
import { schema } from '../graphql/schema.ts';
import { type Api, dataOf, withValueAt } from './api.ts';
import { Failure } from './failure.ts';
import type { OpenApplication } from './open-application.ts';

/** The API on a database of our own, in this process. */
export function databaseApi({ application, place, close }: OpenApplication): Api {
  const context = (): GraphqlContext => ({
    application,
    uploads: noUploads,
    loaders: createLoaders(application),
    origin: '',
    stopping: new AbortController().signal,
  });
  const query = async <Data>(source: string, variableValues = {}) =>
    dataIn<Data>(await graphql({ schema, source, variableValues, contextValue: context() }));
  return {
    place,
    query,
    // What the schema takes for a file; it is read once, as it comes.
    queryWithFile: (source, variables, { path, bytes }) =>
      query(source, withValueAt(variables, path, { size: 0, stream: () => bytes })),
    subscribe: async function* <Data>(source: string, variableValues: object, signal: AbortSignal) {
      const events = await subscribe({
        schema,
        document: parse(source),
        variableValues: { ...variableValues },
        contextValue: context(),
      });
      if (!(Symbol.asyncIterator in events)) return void dataIn(events);
      signal.addEventListener('abort', () => void events.return(undefined), { once: true });
      for await (const event of events) yield dataIn<Data>(event);
    },
    send: async ({ scanner, observedAt, ...about }, bytes) => {
      const scannerId = readId('Scanner', scanner.id);
      const time = observedAt === undefined ? {} : { observedAt: Date.parse(observedAt) };
      const { scans, repeated, note } = await application.scans.upload(
        { ...about, ...time, scannerId },
        bytes,
      );
      return { scanIds: scans.map(({ id }) => encodeGlobalId('Scan', String(id))), repeated, note };
    },
    close,
  };
}

/** Uploads in parts are for those who are far away. */
const noUploads: GraphqlContext['uploads'] = {
  create: async () => {
    throw new Failure('Uploads in parts need a server');
  },
  find: async () => undefined,
};

/** The data, or the error itself: here nobody has to be kept from seeing it. */
function dataIn<Data>(result: ExecutionResult): Data {
  const [error] = result.errors ?? [];
  const original = error?.originalError;
  if (original !== undefined && !(original instanceof GraphQLError)) throw original;
  return dataOf<Data>(result as { data?: Data | null; errors?: readonly GraphQLError[] });
}
