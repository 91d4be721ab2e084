import { type DestinationStream, type Logger as PinoLogger, pino } from 'pino';
import { limits } from '../limits.ts';

export type Logger = PinoLogger;

/**
 * One JSON object per line, to standard error unless told. JSON leaves C1 and bidirectional controls as they are,
 * but a log is read on terminals: they are written as escapes.
 */
export function createLog(destination: DestinationStream = pino.destination({ fd: 2, sync: true })): Logger {
  const clean: DestinationStream = { write: (line) => destination.write(escapeControls(line)) };
  return pino({ base: null, timestamp: pino.stdTimeFunctions.isoTime, formatters: { log: shorten } }, clean);
}

/** Everything that JSON lets through and that a terminal acts on or hides; the line end stays. */
function escapeControls(line: string): string {
  return line.replace(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function shorten(entry: Record<string, unknown>): Record<string, unknown> {
  const longest = limits.logValueCharactersMax;
  return Object.fromEntries(
    Object.entries(entry).map(([key, value]) =>
      typeof value === 'string' && value.length > longest
        ? [key, `${value.slice(0, longest)}…`]
        : [key, value],
    ),
  );
}
