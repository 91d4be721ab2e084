import { type DocumentNode, GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { costOf } from '../graphql/cost.ts';
import { documentLimits, parseDocument } from '../graphql/document-limits.ts';
import { refuse, shorten } from '../graphql/errors.ts';
import { schema } from '../graphql/schema.ts';
import { limits } from '../limits.ts';

type Args = Parameters<typeof costOf>[1];

/** Refuses documents and operations that ask for too much, and tells the cost of the others. */
export const limitsPlugin: Plugin = {
  onParse: ({ setParseFn }) => setParseFn(parseDocument),
  onValidate: ({ addValidationRule }) => {
    addValidationRule(documentLimits);
    return ({ valid, result, setResult }) => {
      if (!valid) setResult(result.map((error) => (error instanceof GraphQLError ? shorten(error) : error)));
    };
  },
  onExecute: ({ args, setResultAndStopExecution }) => {
    const cost = measure(args);
    if (cost instanceof GraphQLError) {
      setResultAndStopExecution({ errors: [cost] });
      return undefined;
    }
    return {
      onExecuteDone: ({ result, setResult }) => {
        if (Symbol.asyncIterator in result) return;
        setResult({ ...result, extensions: { ...result.extensions, cost } });
      },
    };
  },
  onSubscribe: ({ args, setResultAndStopExecution }) => {
    const cost = measure(args);
    if (cost instanceof GraphQLError) setResultAndStopExecution({ errors: [cost] });
  },
};

/** The cost with the variables of this very request: a rule of validation would see none, and be cached. */
function measure(args: Args): { requested: number; available: number } | GraphQLError {
  try {
    const requested = costOf(schema, args);
    if (requested <= limits.operationCostMax) return { requested, available: limits.operationCostMax };
    return refuse(
      'TOO_COSTLY',
      `The operation costs ${requested}; ${limits.operationCostMax} are allowed. Ask for smaller pages`,
    );
  } catch (error) {
    if (error instanceof GraphQLError) return error; // A variable that cannot be used.
    throw error;
  }
}

/** A cache of parsed documents that is bounded by the bytes of their texts; the oldest go first. */
export function createDocumentCache(bytesMax: number) {
  const documents = new Map<string, DocumentNode>();
  let bytes = 0;
  return {
    get: (text: string) => documents.get(text),
    set: (text: string, document: DocumentNode) => {
      if (documents.has(text)) return;
      documents.set(text, document);
      bytes += Buffer.byteLength(text);
      for (const oldest of documents.keys()) {
        if (bytes <= bytesMax) break;
        documents.delete(oldest);
        bytes -= Buffer.byteLength(oldest);
      }
    },
  };
}
