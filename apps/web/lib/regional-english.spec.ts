import { describe, expect, it } from '@jest/globals';
import { regionalEnglish } from './regional-english';

describe('the English of a region', () => {
  it.each([
    ['en-US', 'en-US'],
    ['en', 'en-US'],
    ['en-GB', 'en-GB'],
    ['de-AT', 'en-AT'],
    ['de', 'en-DE'],
    ['be-BY', 'en-001'],
    ['not a language', 'en'],
    [undefined, 'en'],
  ])('for somebody who prefers %s is %s', (language, english) => expect(regionalEnglish(language)).toBe(english));

  it.each([
    ['en-US', 'Nov 21, 2026', '1,234.5'],
    ['en-GB', '21 Nov 2026', '1,234.5'],
    ['de-DE', '21 Nov 2026', '1.234,5'],
    ['be-BY', '21 Nov 2026', '1,234.5'],
  ])('writes dates and numbers as %s does, in English words', (language, date, number) => {
    const locale = regionalEnglish(language);
    const day = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeZone: 'UTC' });
    expect(day.format(Date.UTC(2026, 10, 21))).toBe(date);
    expect(new Intl.NumberFormat(locale).format(1234.5)).toBe(number);
  });
});
