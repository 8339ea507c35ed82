/** Without what looks alike when somebody reads it out: 0 O, 1 l I. */
const LETTERS = 'abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789';
const GROUPS = 4;
const GROUP_LENGTH = 5;

/** A password of 20 random letters in four groups, some 116 bits: to be given to somebody once. */
export function generatedPassword(): string {
  return Array.from({ length: GROUPS }, () => letters(GROUP_LENGTH)).join('-');
}

/** Each letter is as likely as any other: bytes beyond the last whole multiple of their number are thrown away. */
function letters(count: number): string {
  const limit = 256 - (256 % LETTERS.length);
  let text = '';
  while (text.length < count) {
    for (const byte of crypto.getRandomValues(new Uint8Array(count))) {
      if (byte < limit && text.length < count) text += LETTERS[byte % LETTERS.length];
    }
  }
  return text;
}
