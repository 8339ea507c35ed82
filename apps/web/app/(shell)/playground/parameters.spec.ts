import { describe, expect, it } from '@jest/globals';
import { initialForm, readParameters } from './parameters';

const read = (form: Partial<typeof initialForm>) => readParameters({ ...initialForm, ...form });

describe('the parameters of the playground', () => {
  it('are none while nothing is written', () => expect(read({})).toEqual({ parameters: {}, problems: {} }));

  it('are what is written', () =>
    expect(
      read({ system: 'Be brief.', temperature: '0,7', topP: '1', maxTokens: ' 200 ', stop: 'END\n\\n\\n\n' }),
    ).toEqual({
      parameters: { system: 'Be brief.', temperature: 0.7, topP: 1, maxTokens: 200, stop: ['END', '\n\n'] },
      problems: {},
    }));

  it('can be zero', () => expect(read({ temperature: '0' }).parameters).toEqual({ temperature: 0 }));

  it.each([
    [{ temperature: '2.1' }, { temperature: 'number' }],
    [{ temperature: 'hot' }, { temperature: 'number' }],
    [{ topP: '-0.1' }, { topP: 'number' }],
    [{ maxTokens: '0' }, { maxTokens: 'whole' }],
    [{ maxTokens: '1.5' }, { maxTokens: 'whole' }],
    [{ stop: 'a\nb\nc\nd\ne' }, { stop: 'many' }],
  ])('of %j have a problem', (form, problems) => expect(read(form).problems).toEqual(problems));
});
