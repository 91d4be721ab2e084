/** One source file of the project; the path is relative to its root, with forward slashes. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** Where something stands that architecture or style forbid. */
export interface Violation {
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

/** A rule looks at one file; what it needs to know of the others stands in `all`. */
export type Rule = (file: SourceFile, all: ReadonlyMap<string, SourceFile>) => Iterable<Violation>;

/** One import, re-export or dynamic import. */
export interface Import {
  readonly specifier: string;
  readonly line: number;
}

/**
 * The imports of a file, found without a parser: the formatter puts every static import and re-export at the
 * beginning of a line.
 */
export function importsOf({ text }: SourceFile): Import[] {
  const statements = /^(?:import|export)\b(?:[^'"`;=()]*?\bfrom)?\s*['"](?<specifier>[^'"]+)['"]/gm;
  const dynamic = /\bimport\(\s*['"](?<specifier>[^'"]+)['"]/g;
  return [...text.matchAll(statements), ...text.matchAll(dynamic)].map((match) => ({
    specifier: match.groups?.specifier ?? '',
    line: lineAt(text, match.index),
  }));
}

/** The project file that a relative import means, or undefined for packages and Node's own modules. */
export function targetOf(file: SourceFile, { specifier }: Import): string | undefined {
  if (!specifier.startsWith('.')) return undefined;
  const parts = file.path.split('/').slice(0, -1);
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

/** The code without comments and without what stands between quotes; line breaks stay where they are. */
export function codeOf({ text }: SourceFile): string {
  const quoted = String.raw`'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"`;
  const comment = String.raw`\/\*[\s\S]*?\*\/|\/\/[^\n]*`;
  return text.replace(new RegExp(`${quoted}|${comment}`, 'g'), (found) => found.replace(/[^\n]/g, ' '));
}

/** Every place of a pattern in a text, as violations of the file. */
export function* places(
  file: SourceFile,
  text: string,
  pattern: RegExp,
  message: string,
): Generator<Violation> {
  for (const match of text.matchAll(pattern)) {
    yield {
      path: file.path,
      line: lineAt(text, match.index),
      message: message.replace('$&', match[0].trim()),
    };
  }
}

/** What the rules find in all files, one line each, in the order of the files. */
export function check(files: readonly SourceFile[], rules: readonly Rule[]): string[] {
  const all = new Map(files.map((file) => [file.path, file]));
  return files.flatMap((file) =>
    rules.flatMap((rule) =>
      [...rule(file, all)].map(({ path, line, message }) => `${path}:${line} ${message}`),
    ),
  );
}

function lineAt(text: string, index: number): number {
  return text.slice(0, index).split('\n').length;
}
