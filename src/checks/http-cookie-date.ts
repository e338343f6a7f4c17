const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

const DELIMITERS = /[\t\x20-\x2f\x3b-\x40\x5b-\x60\x7b-\x7e]+/;
const TIME = /^(\d{1,2}):(\d{1,2}):(\d{1,2})(?:\D|$)/;
const DAY = /^(\d{1,2})(?:\D|$)/;
const MONTH = /^(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/;
const YEAR = /^(\d{2,4})(?:\D|$)/;

/** The date of a cookie, however it is written, ms since 1970; undefined when it is none. Source: RFC 6265, 5.1.1. */
export function readCookieDate(text: string): number | undefined {
  const words = text.toLowerCase().split(DELIMITERS);
  const time = takeFirst(words, TIME);
  const day = Number(takeFirst(words, DAY)?.[1]);
  const month = MONTHS.indexOf(takeFirst(words, MONTH)?.[0] ?? '');
  const year = fullYear(Number(takeFirst(words, YEAR)?.[1]));
  const [hour = Number.NaN, minute = Number.NaN, second = Number.NaN] = (time ?? []).slice(1).map(Number);
  if (!(year >= 1601 && hour <= 23 && minute <= 59 && second <= 59) || month < 0) return undefined;
  const date = new Date(Date.UTC(year, month, day, hour, minute, second));
  return date.getUTCDate() === day ? date.getTime() : undefined;
}

/** Each word counts once, so that the day is not the year too. */
function takeFirst(words: string[], pattern: RegExp): RegExpExecArray | undefined {
  for (const [i, word] of words.entries()) {
    const found = pattern.exec(word);
    if (found === null) continue;
    words.splice(i, 1);
    return found;
  }
  return undefined;
}

function fullYear(year: number): number {
  if (year >= 70 && year <= 99) return year + 1900;
  return year <= 69 ? year + 2000 : year;
}
