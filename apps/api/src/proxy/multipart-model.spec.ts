import { describe, expect, it } from '@jest/globals';
import { modelInForm, withModel } from './multipart-model.js';

const type = 'multipart/form-data; boundary=xYz';
const part = (headers: string, value: string) => `--xYz\r\n${headers}\r\n\r\n${value}\r\n`;
const model = (value: string) => part('Content-Disposition: form-data; name="model"', value);
const file = (content: string) =>
  part('Content-Disposition: form-data; name="file"; filename="a.wav"\r\nContent-Type: audio/wav', content);
const form = (...parts: string[]) => Buffer.from(`${parts.join('')}--xYz--\r\n`);

describe('modelInForm', () => {
  it('finds the model before and after a file', () => {
    for (const bytes of [form(model('whisper'), file('\0\xff')), form(file('\0\xff'), model('whisper'))]) {
      expect(modelInForm(type, bytes)).toMatchObject({ model: 'whisper' });
    }
  });

  it('knows a quoted boundary, a preamble and headers in any case and order', () => {
    const bytes = Buffer.from(
      `preamble\r\n${part('X-A: b\r\ncontent-disposition: form-data; name=model', 'w')}--xYz--`,
    );
    expect(modelInForm('Multipart/Form-Data; charset=utf-8; boundary="xYz"', bytes)).toMatchObject({ model: 'w' });
  });

  it('is not taken in by a file that looks like the field', () => {
    const fake = '\r\n--other\r\nContent-Disposition: form-data; name="model"\r\n\r\nstolen\r\n--other';
    expect(modelInForm(type, form(file(fake), model('mine')))).toMatchObject({ model: 'mine' });
    expect(modelInForm(type, form(part('Content-Disposition: form-data; name="model_"', 'x')))).toBeUndefined();
  });

  it('refuses to choose between two', () => {
    expect(modelInForm(type, form(model('a'), model('b')))).toBe('ambiguous');
  });

  it('finds none where there is none', () => {
    expect(modelInForm(type, form(file('x')))).toBeUndefined();
    expect(modelInForm('multipart/form-data', form(model('a')))).toBeUndefined();
    expect(modelInForm('application/json', form(model('a')))).toBeUndefined();
    expect(modelInForm(type, Buffer.from('--xYz'))).toBeUndefined();
  });

  it('replaces the value and leaves every other byte', () => {
    const bytes = form(file('\0\xff'), model('whisper'));
    const found = modelInForm(type, bytes);
    if (!found || found === 'ambiguous') throw new Error('not found');
    expect(withModel(bytes, found, 'other')).toEqual(form(file('\0\xff'), model('other')));
  });
});
