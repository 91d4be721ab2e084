/**
 * Everything that a terminal, an editor or a spreadsheet could take for something else than a letter: control
 * characters (C0, C1, DEL), directions, zero widths, line separators, half surrogates, private and unassigned
 * characters. Text from scans is full of them where somebody wants to harm who reads it.
 */
const unsafe = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;

/** The same without the line break, which stands between the lines of a JSON text and never inside its strings. */
const unsafeInJson = /(?!\n)[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}\p{Cn}\p{Default_Ignorable_Code_Point}]/gu;

/** Marks that pile up on one letter reach into the lines above and below; four are enough for every script. */
const piledMarks = /(?<=\p{M}{4})\p{M}/gu;

/**
 * Text that is safe to show: on one line, in reading order, every odd character as its visible escape, such as
 * `\u001b`. The one place through which text from scans and servers reaches the terminal.
 */
export function terminalText(text: string): string {
  return text.replace(unsafe, visible).replace(piledMarks, visible);
}

/** Several lines of our own making around foreign values: line breaks stay, everything else as in `terminalText`. */
export function terminalLines(text: string): string {
  return text.split('\n').map(terminalText).join('\n');
}

/** What could take over a terminal or reverse what is read: control characters and directions, in lines of text. */
const harmful = /(?![\n\t])[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]/gu;

/** Lines for a file or a program that must keep every ordinary character, with harmful ones as their escapes. */
export function harmlessLines(text: string): string {
  return text.replace(harmful, visible);
}

/** A JSON text that says the same without any odd character: inside of its strings they are escaped. */
export function safeJson(json: string): string {
  return json.replace(unsafeInJson, (character) =>
    Array.from({ length: character.length }, (_, index) => fourDigits(character.charCodeAt(index))).join(''),
  );
}

function visible(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\n') return '\\n';
  if (character === '\t') return '\\t';
  return code > 0xffff ? `\\u{${code.toString(16)}}` : fourDigits(code);
}

function fourDigits(code: number): string {
  return `\\u${code.toString(16).padStart(4, '0')}`;
}
