import type { ReportReader, RunHeader } from './agent.ts';
import { newRunLog, type Place, type RunLog, type RunOutcome } from './report-run.ts';
import { forbidden, parseElement, type XmlNode } from './xml-element.ts';
import { openTranscoder } from './xml-encoding.ts';
import type { XmlShape } from './xml-shape.ts';
import { openSplitter } from './xml-splitter.ts';
import { attributeOf, type XmlTag } from './xml-tag.ts';

/** What differs between reports that are XML and not of nmap's kind. */
export interface XmlForm {
  readonly shape: XmlShape;
  /** The element that holds everything. */
  readonly root: RegExp;
  /** Asked for once, before the first event. */
  header(): RunHeader;
  /** A tag outside of records. */
  tag?(tag: XmlTag, place: XmlPlace): void;
  record(element: XmlNode, place: XmlPlace): void;
  end(log: RunLog): RunOutcome;
}

/** Where something stands, and whom to tell about it. */
export interface XmlPlace extends Place {
  readonly log: RunLog;
}

/** A reader of one report of this form. */
export function openXmlReport(form: XmlForm): ReportReader {
  const log = newRunLog(() => form.header());
  const transcoder = openTranscoder();
  const root = { depth: 0, isClosed: false, hasJunk: false };
  const splitter = openSplitter(
    {
      tag(tag, offset) {
        if (form.root.test(tag.name)) followRoot(root, tag);
        if (tag.attributes.some((text) => forbidden.test(text)))
          log.lose({ offset }, 'a tag holds characters that XML forbids');
        form.tag?.(tag, { offset, log });
      },
      record({ bytes, offset }) {
        const element = parseElement(bytes.toString());
        if (typeof element === 'string') log.lose({ offset }, element);
        else form.record(element, { offset, log });
      },
      lost: (offset, reason) => log.lose({ offset }, reason),
      junk(offset) {
        if (root.hasJunk || (root.depth === 0 && !root.isClosed)) return; // Console noise before the document.
        root.hasJunk = true;
        log.lose({ offset }, 'there is text here that is no XML; what it replaces is lost');
      },
    },
    form.shape,
  );
  return {
    write(bytes) {
      splitter.write(transcoder.write(bytes));
      return log.take();
    },
    end() {
      splitter.write(transcoder.end());
      const cut = splitter.end() ?? (root.isClosed ? undefined : 'the file ends before the report does');
      const outcome = form.end(log);
      log.finish({ ...outcome, partial: cut ?? outcome.partial });
      return log.take();
    },
  };
}

function followRoot(root: { depth: number; isClosed: boolean }, { kind }: XmlTag): void {
  if (kind === 'start') root.depth += 1;
  if (kind === 'end') root.depth -= 1;
  root.isClosed = root.depth === 0;
}

/** The attributes of a tag that are there, by name. */
export function attributesOf<K extends string>(
  tag: XmlTag,
  names: readonly K[],
): { readonly [name in K]: string | undefined } {
  return Object.fromEntries(names.map((name) => [name, attributeOf(tag, name)])) as {
    readonly [name in K]: string | undefined;
  };
}
