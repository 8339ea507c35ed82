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
    expect(modelInForm('application/json', form(model('a')))).toBeUndefined();
    expect(modelInForm(type, form(part('Content-Type: text/plain', 'model'), part('', 'model')))).toBeUndefined();
    expect(modelInForm(type, form(part('Content-Disposition: form-data; name="Model"', 'x')))).toBeUndefined();
    expect(
      modelInForm(type, form(part('Content-Disposition: form-data; name=f; filename="; name=model"', 'x'))),
    ).toBeUndefined();
  });

  it.each([
    ['another line end', Buffer.from(form(model('a')).toString().replaceAll('\r\n', '\n'))],
    ['a folded line', form(part('Content-Disposition: form-data;\r\n name="model"', 'a'))],
    ['an escaped letter', form(part('Content-Disposition: form-data; name="mo\\del"', 'a'))],
    ['an escaped quote', form(part('Content-Disposition: form-data; filename="x\\"; name="model"', 'a'))],
    ['an encoded name', form(part("Content-Disposition: form-data; name*=UTF-8''model", 'a'))],
    ['spaces around the sign', form(part('Content-Disposition: form-data; name = "model"', 'a'))],
    ['a space before the colon', form(part('Content-Disposition : form-data; name="model"', 'a'))],
    ['two names', form(part('Content-Disposition: form-data; name="x"; name="model"', 'a'))],
    [
      'two dispositions',
      form(part('Content-Disposition: form-data; name="x"\r\nContent-Disposition: form-data; name="model"', 'a')),
    ],
    ['another disposition', form(part('Content-Disposition: attachment; name="model"', 'a'))],
    [
      'headers of five kilobytes',
      form(part(`X-A: ${'a'.repeat(5000)}\r\nContent-Disposition: form-data; name="model"`, 'a')),
    ],
    ['a space behind the boundary', Buffer.from(form(model('a')).toString().replace('--xYz', '--xYz '))],
    ['a part behind the last', Buffer.concat([form(file('x')), form(model('a'))])],
    ['no end', Buffer.from(model('a'))],
    ['no boundary', Buffer.from('model=a')],
  ])('refuses what two readers could take differently: %s', (_what, bytes) => {
    expect(modelInForm(type, bytes)).toBe('ambiguous');
  });

  it.each([
    'multipart/form-data',
    'multipart/form-data; boundary=',
    'multipart/form-data; boundary=a; boundary=xYz',
    'multipart/form-data; boundary = xYz',
    "multipart/form-data; boundary*=utf-8''xYz",
    'multipart/form-data, boundary=xYz',
  ])('refuses a boundary that two readers could take differently: %s', (contentType) =>
    expect(modelInForm(contentType, form(model('a')))).toBe('ambiguous'),
  );

  it('replaces the value and leaves every other byte', () => {
    const bytes = form(file('\0\xff'), model('whisper'));
    const found = modelInForm(type, bytes);
    if (!found || found === 'ambiguous') throw new Error('not found');
    expect(withModel(bytes, found, 'other')).toEqual(form(file('\0\xff'), model('other')));
  });
});
