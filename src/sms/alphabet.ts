/** What one segment of an SMS can carry. */
export type Alphabet = {
  /** The text in characters that can be sent, on one line. */
  readonly write: (text: string) => string;
  /** How much of a segment a text takes that has been written so. */
  readonly cost: (text: string) => number;
  readonly limit: number;
};

/** Source: 3GPP TS 23.038, 6.2.1; without line feed, carriage return and escape. */
const BASIC = new Set(
  '@£$¥èéùìòÇØøÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&\'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà',
);
/** The extension table: an escape and the character, two septets each. Source: 3GPP TS 23.038, 6.2.1.1. */
const EXTENSION = new Set('^{}\\[~]|€');

/** What has no decomposition in Unicode, but an obvious spelling. */
const SPELLED: Readonly<Record<string, string>> = {
  ...{ '‘': "'", '’': "'", '‚': "'", '“': '"', '”': '"', '„': '"', '«': '"', '»': '"', '`': "'", '´': "'" },
  ...{ '‐': '-', '–': '-', '—': '-', '−': '-', '⁄': '/', '•': '*', '·': '.', '×': 'x', '→': '->', '←': '<-' },
  ...{
    ł: 'l',
    Ł: 'L',
    đ: 'd',
    Đ: 'D',
    ð: 'd',
    Ð: 'D',
    þ: 'th',
    Þ: 'Th',
    ı: 'i',
    œ: 'oe',
    Œ: 'OE',
    ẞ: 'SS',
    µ: 'u',
    μ: 'u',
  },
};

const CONTROL = /[\s\p{Cc}\p{Zl}\p{Zp}]+/gu;
/** Marks that belong to the character before, joiners and direction marks. */
const INVISIBLE = /^[\p{Mn}\p{Me}\p{Cf}]$/u;
/** Half a surrogate pair: no character. */
const HALF = /\p{Cs}/gu;
const PLAIN = /^[A-Za-z0-9 @_!"#%&'()*+,\-./:;<=>?]*$/;

/** The alphabet of mobile phones: 160 septets. What it lacks is spelled otherwise, or becomes a question mark. */
export const GSM7: Alphabet = { write: toGsm7, cost: septets, limit: 160 };

/** Any character, 70 UTF-16 units. */
export const UCS2: Alphabet = { write: oneLine, cost: (text) => text.length, limit: 70 };

/** Whether nothing of the text becomes a question mark in GSM-7. */
export function isSpelledInGsm7(text: string): boolean {
  return Array.from(oneLine(text), spelled).every((spelling) => spelling !== undefined);
}

/** The text as far as it fits into that much, with "..." at its end when something is missing. Never half a character. */
export function cut(text: string, most: number, { cost }: Alphabet): string {
  if (cost(text) <= most) return text;
  const room = most - 3;
  let used = 0;
  let kept = '';
  for (const char of text) {
    used += cost(char);
    if (used > room) break;
    kept += char;
  }
  return room < 0 ? '' : `${kept.trimEnd()}...`;
}

function oneLine(text: string): string {
  return text.replace(CONTROL, ' ').replace(HALF, '?').trim();
}

function toGsm7(text: string): string {
  const line = oneLine(text);
  return PLAIN.test(line) ? line : Array.from(line, (char) => spelled(char) ?? '?').join('');
}

/** The character in GSM-7, or undefined when it has no spelling there. */
function spelled(char: string): string | undefined {
  if (isInGsm7(char)) return char;
  if (INVISIBLE.test(char)) return '';
  const spelling = SPELLED[char] ?? Array.from(char.normalize('NFKD'), decomposed).join('');
  return spelling !== '' && Array.from(spelling).every(isInGsm7) ? spelling : undefined;
}

function decomposed(char: string): string {
  return INVISIBLE.test(char) ? '' : (SPELLED[char] ?? char);
}

function isInGsm7(char: string): boolean {
  return BASIC.has(char) || EXTENSION.has(char);
}

function septets(text: string): number {
  let count = 0;
  for (const char of text) count += EXTENSION.has(char) ? 2 : 1;
  return count;
}
