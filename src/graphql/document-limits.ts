import {
  type ASTVisitor,
  BREAK,
  type DocumentNode,
  type FragmentDefinitionNode,
  Kind,
  parse,
  type SelectionSetNode,
  type Source,
  type ValidationContext,
  visit,
} from 'graphql';
import { limits } from '../limits.ts';
import { refuse } from './errors.ts';

/** Parses a document of acceptable size. Throws a GraphQLError. */
export function parseDocument(source: string | Source): DocumentNode {
  const text = typeof source === 'string' ? source : source.body;
  const bytes = Buffer.byteLength(text);
  if (bytes > limits.documentBytesMax) {
    throw refuse(
      'DOCUMENT_TOO_LARGE',
      `The document has ${bytes} bytes; ${limits.documentBytesMax} are allowed`,
    );
  }
  return parse(source, { maxTokens: limits.documentTokensMax });
}

/** A validation rule: how deep a document is, and how many aliases and directives it has. */
export function documentLimits(context: ValidationContext): ASTVisitor {
  return {
    Document(document) {
      const { aliases, directives } = count(document);
      const { depth, introspection } = depthOf(document);
      const excesses = [
        ['TOO_DEEP', 'levels', depth, limits.documentDepthMax],
        ['TOO_DEEP', 'levels of introspection', introspection, limits.introspectionDepthMax],
        ['TOO_MANY_ALIASES', 'aliases', aliases, limits.documentAliasesMax],
        ['TOO_MANY_DIRECTIVES', 'directives', directives, limits.documentDirectivesMax],
      ] as const;
      for (const [code, what, found, allowed] of excesses) {
        if (found <= allowed) continue;
        context.reportError(refuse(code, `The document has ${found} ${what}; ${allowed} are allowed`));
        return BREAK; // The other rules may take long for such a document.
      }
      return undefined;
    },
  };
}

function count(document: DocumentNode): { aliases: number; directives: number } {
  let aliases = 0;
  let directives = 0;
  visit(document, {
    Field: ({ alias }) => {
      if (alias !== undefined) aliases += 1;
    },
    Directive: () => {
      directives += 1;
    },
  });
  return { aliases, directives };
}

interface Depth {
  readonly depth: number;
  /** Below `__schema` and `__type`. */
  readonly introspection: number;
}

const flat: Depth = { depth: 0, introspection: 0 };

function depthOf(document: DocumentNode): Depth {
  const fragments = new Map<string, FragmentDefinitionNode>();
  for (const node of document.definitions) {
    if (node.kind === Kind.FRAGMENT_DEFINITION) fragments.set(node.name.value, node);
  }
  const known = new Map<string, Depth>();
  const ofFragment = (name: string): Depth => {
    const fragment = fragments.get(name);
    const before = known.get(name);
    if (before !== undefined || fragment === undefined) return before ?? flat;
    known.set(name, flat); // A cycle ends here; another rule refuses it.
    const depth = ofSelections(fragment.selectionSet);
    known.set(name, depth);
    return depth;
  };
  const ofSelections = (set: SelectionSetNode): Depth => {
    let deepest = flat;
    for (const node of set.selections) {
      if (node.kind === Kind.FRAGMENT_SPREAD) deepest = deeper(deepest, ofFragment(node.name.value));
      else if (node.kind === Kind.INLINE_FRAGMENT) deepest = deeper(deepest, ofSelections(node.selectionSet));
      else {
        const inner = node.selectionSet === undefined ? flat : ofSelections(node.selectionSet);
        deepest = deeper(deepest, below(node.name.value, inner));
      }
    }
    return deepest;
  };
  return document.definitions.reduce(
    (deepest, node) =>
      node.kind === Kind.OPERATION_DEFINITION ? deeper(deepest, ofSelections(node.selectionSet)) : deepest,
    flat,
  );
}

function below(field: string, { depth, introspection }: Depth): Depth {
  if (field === '__schema' || field === '__type') return { depth: 1, introspection: depth };
  return { depth: depth + 1, introspection };
}

function deeper(a: Depth, b: Depth): Depth {
  return { depth: Math.max(a.depth, b.depth), introspection: Math.max(a.introspection, b.introspection) };
}
