import { describe, expect, it } from '@jest/globals';
import { readTierMapping } from './tier-mapping.js';

const read = (tiers: string) => readTierMapping({ tiers });
const problem = (tiers: string) => {
  const result = read(tiers);
  if ('tiers' in result) throw new Error('it was taken');
  return result.problem;
};

describe('the document', () => {
  it('is a YAML list of tiers', () => {
    const document = [
      '- name: free',
      '  displayName: Free Tier',
      '  description: For everybody',
      '  level: 1',
      '  groups: [system:authenticated, tier-free-users, tier-free-users]',
      '# the rest is left out where it is not needed',
      '- name: premium',
      '  description:',
      '  groups:',
      '  - premium-users',
    ];
    expect(read(document.join('\n'))).toEqual({
      tiers: [
        {
          name: 'free',
          displayName: 'Free Tier',
          description: 'For everybody',
          level: 1,
          groups: ['system:authenticated', 'tier-free-users'],
        },
        { name: 'premium', displayName: 'premium', description: '', level: 0, groups: ['premium-users'] },
      ],
    });
  });

  it.each(['|', '>', '|+'])('may have a name in a block (%s), whose last line end is none of it', (block) => {
    const document = ['- name: free', `  displayName: ${block}`, '    Free Tier', '', '  level: 1'];
    expect(read(document.join('\n'))).toMatchObject({ tiers: [{ displayName: 'Free Tier', level: 1 }] });
  });

  it('is YAML 1.2: yes is a word', () => {
    expect(read('- {name: free, groups: [yes, on]}')).toMatchObject({ tiers: [{ groups: ['yes', 'on'] }] });
  });

  it.each([
    ['is missing', undefined],
    ['has another key', { tier: '- name: free' }],
    ['is no text', { tiers: ['free'] }],
  ])('that %s is refused', (_, data) => {
    expect(readTierMapping(data)).toEqual({ problem: 'it has no key tiers with a YAML list of tiers' });
  });

  it.each([
    ['- name: free\n name: x', /^tiers is not valid YAML: .*at line 2/],
    ['- name: free\n  name: premium', /^tiers is not valid YAML: Map keys must be unique/],
    ['- name: free\n---\n- name: premium', /not valid YAML/],
    ['- name: !!python/object free', /not valid YAML: Unresolved tag/],
    ['- &a [*a]', /^tiers is not/],
  ])('that is no good YAML is refused, and where is told: %j', (text, expected) => {
    expect(problem(text)).toMatch(expected);
  });

  it.each([
    ['', 'Invalid input: expected array'],
    ['[]', 'it names no tier'],
    ['name: free', 'Invalid input: expected array'],
    ['- free', 'tier 1: Invalid input: expected object'],
    ['- name: free\n- level: 1', 'tier 2, name: '],
    ['- name: Free Tier', 'tier 1, name: name must be lower-case letters'],
    ['- {name: free, level: high}', 'tier 1, level: Invalid input: expected number'],
    ['- {name: free, level: 1.5}', 'tier 1, level: '],
    ['- {name: free, groups: everybody}', 'tier 1, groups: Invalid input: expected array'],
    ['- {name: free, groups: [1]}', 'tier 1, groups.0: Invalid input: expected string'],
    ['- {name: free, group: [a]}', 'tier 1: Unrecognized key: "group"'],
    ['- {name: free, displayName: ""}', 'tier 1, displayName: '],
    ['- {name: free, level: x, groups: y}', ', and 1 more'],
    ['- {name: free}\n- {name: free}', 'names the tier free twice'],
    ['- {name: free, displayName: "a\\0b"}', 'tier 1, displayName: must be one line'],
    ['- {name: free, displayName: "two\\nlines"}', 'tier 1, displayName: must be one line'],
    ['- {name: free, description: "a\\0b"}', 'a NUL'],
    ['- {name: free, groups: ["\\uD83D"]}', 'half of a pair of surrogates'],
  ])('that is not as it must be is refused with the reason: %j', (text, expected) => {
    expect(problem(text)).toContain(expected);
  });

  it('that would be huge by its aliases is refused', () => {
    const lines = [
      '- &a0 {name: free}',
      ...Array.from({ length: 9 }, (_, n) => `- &a${n + 1} [${`*a${n}, `.repeat(9)}*a${n}]`),
    ];
    expect(problem(lines.join('\n'))).toMatch(/^tiers is not/);
  });

  it('is not quoted where it is not YAML, whatever it holds', () => {
    expect(problem('- name: free\n  secret-canary: {\n')).not.toContain('canary');
  });
});
