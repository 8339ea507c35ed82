/**
 * The tokenisation of every simulated model. One rule serves the counts of prompts, the counts of answers,
 * `max_tokens` and the chunks of a stream, so that the usage reported is exactly what was streamed.
 *
 * From left to right, a token is the longest of:
 * - up to 6 letters, with one space before them if there is one;
 * - up to 3 digits;
 * - up to 16 blanks (space, tab, carriage return, newline);
 * - any other single code point: a punctuation mark, an ideograph, an emoji.
 *
 * Letters are A-Z, a-z and U+00C0 to U+1FFF: the accented Latin, Greek, Cyrillic, Hebrew, Arabic and Indic blocks.
 *
 * What follows from the rule: the tokens of a text, joined, are the text; there are never more of them than the text
 * has UTF-8 bytes; the first k tokens, joined, are again exactly k tokens; English prose has about 4 characters a token.
 */

const MAX_LETTERS = 6;
const MAX_DIGITS = 3;
const MAX_BLANKS = 16;
const SPACE = 0x20;

function isLetter(unit: number): boolean {
  return (unit >= 0x61 && unit <= 0x7a) || (unit >= 0x41 && unit <= 0x5a) || (unit >= 0xc0 && unit <= 0x1fff);
}

function isDigit(unit: number): boolean {
  return unit >= 0x30 && unit <= 0x39;
}

function isBlank(unit: number): boolean {
  return unit === SPACE || (unit >= 0x09 && unit <= 0x0a) || unit === 0x0d;
}

function isSurrogatePair(unit: number, next: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff && next >= 0xdc00 && next <= 0xdfff;
}

function runEnd(text: string, start: number, limit: number, member: (unit: number) => boolean): number {
  let end = start;
  while (end < start + limit && member(text.charCodeAt(end))) end++;
  return end;
}

/** Where the token that begins at `start` ends. `charCodeAt` past the end is NaN, which belongs to no class. */
function tokenEnd(text: string, start: number): number {
  const unit = text.charCodeAt(start);
  const next = text.charCodeAt(start + 1);
  if (isLetter(unit)) return runEnd(text, start, MAX_LETTERS, isLetter);
  if (unit === SPACE && isLetter(next)) return runEnd(text, start + 1, MAX_LETTERS, isLetter);
  if (isDigit(unit)) return runEnd(text, start, MAX_DIGITS, isDigit);
  if (isBlank(unit)) return runEnd(text, start, MAX_BLANKS, isBlank);
  return start + (isSurrogatePair(unit, next) ? 2 : 1);
}

/** The number of tokens of a text. */
export function countTokens(text: string): number {
  let count = 0;
  for (let at = 0; at < text.length; at = tokenEnd(text, at)) count++;
  return count;
}

/** The tokens of a text; joined, they are the text. */
export function tokenize(text: string): string[] {
  const tokens: string[] = [];
  for (let at = 0; at < text.length;) {
    const end = tokenEnd(text, at);
    tokens.push(text.slice(at, end));
    at = end;
  }
  return tokens;
}
