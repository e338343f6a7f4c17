const PLAIN = /^[\x20-\x7e]*$/;
const UNPRINTABLE = /[\p{Cc}\p{Cs}\u2028\u2029\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069]/gu;
/** Source: UAX #11, East Asian Width; the blocks that are wide throughout, and emoji. */
const WIDE =
  /^(?:[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97f\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\p{Emoji_Presentation})/u;
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}]+$/u;
const SEGMENTER = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** The text with control characters, and those that turn the direction of writing, made visible: it cannot move the cursor. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(UNPRINTABLE, (char) => {
    const code = char.charCodeAt(0);
    return code <= 0xff ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16).padStart(4, '0')}`;
  });
}

/** How many columns of a terminal the text takes. */
export function widthOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const { segment } of SEGMENTER.segment(text)) width += cells(segment);
  return width;
}

function cells(segment: string): number {
  if (INVISIBLE.test(segment)) return 0;
  return WIDE.test(segment) ? 2 : 1;
}

/** The text filled up with spaces. */
export function pad(text: string, width: number): string {
  return text + ' '.repeat(Math.max(0, width - widthOf(text)));
}

/** The text, or as much of it as fits with an ellipsis in the middle: names differ at either end. */
export function shorten(text: string, width: number): string {
  if (widthOf(text) <= width) return text;
  const segments = Array.from(SEGMENTER.segment(text), ({ segment }) => segment);
  const tail = take(segments.toReversed(), Math.floor((width - 1) / 2)).toReversed();
  const head = take(segments, width - 1 - widthOf(tail.join('')));
  return `${head.join('')}…${tail.join('')}`;
}

function take(segments: readonly string[], width: number): string[] {
  let left = width;
  const end = segments.findIndex((segment) => {
    left -= cells(segment);
    return left < 0;
  });
  return segments.slice(0, end < 0 ? segments.length : end);
}

/** The words in lines of at most that width; a longer word gets a line of its own. */
export function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && widthOf(line) + 1 + widthOf(word) > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
