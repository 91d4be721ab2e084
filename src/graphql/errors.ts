import { GraphQLError } from 'graphql';
import {
  BadInput,
  CallerError,
  CursorExpired,
  InUse,
  NameTaken,
  NotFound,
  ReportRejected,
  SlowConsumer,
} from '../core/errors.ts';
import { limits } from '../limits.ts';
import { builder } from './builder.ts';

/** What every named error of the schema is. */
export const ErrorInterface = builder.interfaceRef<CallerError>('Error').implement({
  description: 'Something the caller can correct.',
  fields: (t) => ({
    message: t.exposeString('message', { description: 'Names the place, the reason and the remedy.' }),
  }),
});

builder.objectType(BadInput, {
  name: 'BadInput',
  description: 'An argument that cannot be used as it is.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    field: t.string({
      description: 'The argument or field, where it is a single one.',
      nullable: true,
      resolve: ({ field }) => field ?? null,
    }),
  }),
});

builder.objectType(NotFound, {
  name: 'NotFound',
  description: 'A thing that was named does not exist.',
  interfaces: [ErrorInterface],
});

builder.objectType(NameTaken, {
  name: 'NameTaken',
  description: 'Another thing of the same kind has that name already.',
  interfaces: [ErrorInterface],
});

builder.objectType(InUse, {
  name: 'InUse',
  description: 'The thing cannot be removed while others refer to it.',
  interfaces: [ErrorInterface],
});

builder.objectType(ReportRejected, {
  name: 'ReportRejected',
  description: 'A report as a whole is refused; nothing of it was used.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    code: t.exposeString('code', { description: 'For programs, such as NOT_A_REPORT, EMPTY or TOO_LARGE.' }),
  }),
});

builder.objectType(CursorExpired, {
  name: 'CursorExpired',
  description:
    'The log no longer holds what follows the cursor: there is a gap. The subscription ends with this.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    oldest: t.exposeString('oldest', { description: 'The oldest cursor behind which nothing is missing.' }),
  }),
});

builder.objectType(SlowConsumer, {
  name: 'SlowConsumer',
  description: 'The subscriber did not keep up and is let go. The subscription ends with this.',
  interfaces: [ErrorInterface],
  fields: (t) => ({
    cursor: t.exposeString('cursor', {
      description: 'Pass it as `after` to go on without a gap or a repeat.',
    }),
  }),
});

/** What the caller sees of an error that no type of the schema names; `report` gets the whole of ours. */
export function maskError(error: unknown, report: (error: unknown) => string): GraphQLError {
  const original = error instanceof GraphQLError ? (error.originalError ?? error) : error;
  if (original instanceof GraphQLError) return shorten(original);

  const place = error instanceof GraphQLError ? placeOf(error) : {};
  if (original instanceof CallerError) {
    return new GraphQLError(original.message, { ...place, extensions: { code: codeOf(original) } });
  }
  const id = report(original);
  return new GraphQLError(`Unexpected error. The log of the server has it under the id ${id}.`, {
    ...place,
    extensions: { code: 'INTERNAL', id, unexpected: true },
  });
}

/** A refusal in the terms of GraphQL: HTTP 400 where the media type allows it. */
export function refuse(code: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code, http: { spec: true, status: 400 } } });
}

function placeOf({ nodes, source, positions, path }: GraphQLError) {
  return { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, path: path ?? null };
}

/** The name of the error as a code: BadInput is BAD_INPUT. */
function codeOf({ name }: CallerError): string {
  return name.replace(/(?<=[a-z])(?=[A-Z])/g, '_').toUpperCase();
}

/** The same error with long names cut: parser and validator repeat names of the document, which may have 64 kB. */
export function shorten(error: GraphQLError): GraphQLError {
  const kept = limits.echoedCharactersMax;
  const message = error.message.replace(/"([^"]*)"/g, (quoted, name: string) =>
    name.length > kept ? `"${name.slice(0, kept)}…"` : quoted,
  );
  if (message === error.message) return error;
  const { extensions } = error;
  return new GraphQLError(message, { ...placeOf(error), extensions });
}
