import type { NdiffHost, NdiffScan, NdiffScript } from '../core/ndiff-facts.ts';
import { openDocumentHosts } from './nmap-document-host.ts';
import { scriptOf } from './nmap-document-parts.ts';
import { openTranscoder } from './xml-encoding.ts';
import { openSplitter } from './xml-splitter.ts';
import { attributeOf, type XmlTag } from './xml-tag.ts';

/** Reads a report in nmap's XML word for word, as ndiff does. */
export interface NmapDocumentReader {
  /** Chunks of any size. Throws ReportRefused for XML that must not be read at all. */
  write(bytes: Uint8Array): void;
  end(): NmapDocument;
}

/** A report word for word, and what could not be read of it. */
export interface NmapDocument {
  readonly scan: NdiffScan;
  readonly problems: readonly string[];
  readonly hasRun: boolean;
}

interface State {
  run: Pick<NdiffScan, 'scanner' | 'version' | 'args' | 'start'> | undefined;
  end: number | undefined;
  readonly hosts: NdiffHost[];
  readonly scripts: Record<'prescript' | 'postscript', NdiffScript[]>;
  /** Which of the two is open. */
  section: 'prescript' | 'postscript' | undefined;
  readonly problems: string[];
}

/**
 * A reader that collects all hosts. Where ndiff stops (records that cannot be read, text that is no XML, a file
 * that is cut off), it goes on and tells a problem.
 */
export function openNmapDocument(): NmapDocumentReader {
  const state: State = {
    run: undefined,
    end: undefined,
    hosts: [],
    scripts: { prescript: [], postscript: [] },
    section: undefined,
    problems: [],
  };
  const transcoder = openTranscoder();
  const readHost = openDocumentHosts();
  const problem = (offset: number, reason: string) => {
    if (state.problems.length < problemsMax) state.problems.push(`byte ${offset}: ${reason}`);
  };
  const splitter = openSplitter({
    tag: (tag) => onTag(state, tag),
    record: ({ bytes, offset, irregular }) => {
      const host = readHost(bytes.toString(), { irregular });
      if (typeof host === 'string') problem(offset, host);
      else state.hosts.push(host);
    },
    lost: problem,
    junk: (offset) => problem(offset, 'there is text here that is no XML'),
  });
  return {
    write: (bytes) => splitter.write(transcoder.write(bytes)),
    end() {
      splitter.write(transcoder.end());
      const cut = splitter.end();
      if (cut !== undefined) state.problems.push(`the file is cut off: ${cut}`);
      return documentOf(state);
    },
  };
}

const problemsMax = 20;

function documentOf({ run, end, hosts, scripts, problems }: State): NmapDocument {
  return {
    scan: {
      ...run,
      ...(end === undefined ? {} : { end }),
      hosts,
      prescripts: scripts.prescript,
      postscripts: scripts.postscript,
    },
    problems,
    hasRun: run !== undefined,
  };
}

function onTag(state: State, tag: XmlTag): void {
  const { name, kind } = tag;
  if (name === 'nmaprun' && kind !== 'end') state.run = runOf(tag);
  else if (name === 'prescript' || name === 'postscript') state.section = kind === 'start' ? name : undefined;
  else if (name === 'script' && kind !== 'end' && state.section !== undefined) {
    const script = scriptOf(tag);
    if (script !== undefined) state.scripts[state.section].push(script);
  } else if (name === 'finished' && kind !== 'end')
    state.end = secondsOf(attributeOf(tag, 'time')) ?? state.end;
}

function runOf(tag: XmlTag): NonNullable<State['run']> {
  const scanner = attributeOf(tag, 'scanner');
  const version = attributeOf(tag, 'version');
  const args = attributeOf(tag, 'args');
  const start = secondsOf(attributeOf(tag, 'start'));
  return {
    ...(scanner === undefined ? {} : { scanner }),
    ...(version === undefined ? {} : { version }),
    ...(args === undefined ? {} : { args }),
    ...(start === undefined ? {} : { start }),
  };
}

/** Seconds since 1970 as far as a date can say them. */
function secondsOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\s*\d{1,11}\s*$/.test(text) ? Number(text) : undefined;
}
