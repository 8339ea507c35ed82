/** The field of a form (RFC 7578) that names the model, and where its value stands in the bytes. */
export interface ModelField {
  readonly model: string;
  readonly start: number;
  readonly end: number;
}

const LARGEST_PART_HEADER = 4096;
// What every reader of forms takes alike: RFC 7578 §4.2 without the liberties of which some take one and some another,
// such as folded lines, `name*`, a space before the colon, or a quote that is escaped by a backslash.
const plainHeaders = /^(?:\r\n[\w!#$%&'*+.^`|~-]+:[^\r\n]*)*$/;
const plainDisposition =
  /^content-disposition: *form-data((?: *; *(?!name\*)[\w*-]+=(?:"(?:[^"\\]|\\[^"\\])*"|[^\s;"\\]*))*) *$/i;
const parameter = /; *([\w*-]+)=(?:"([^"]*)"|([^\s;"]*))/g;

/**
 * Finds the model in a form, such as an upload for `audio/transcriptions`. Parts are told apart by the boundary alone, so
 * that no file can pretend to be the field.
 * @returns undefined when there is no such field; `ambiguous` when there is more than one, or when the form is written so
 * that two readers could find different fields in it
 */
export function modelInForm(contentType: string | undefined, bytes: Buffer): ModelField | 'ambiguous' | undefined {
  if (!contentType?.toLowerCase().startsWith('multipart/form-data')) return undefined;
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return 'ambiguous';
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  let found: ModelField | undefined;
  // The first delimiter has no line break before it when there is no preamble.
  let at = bytes.indexOf(delimiter.subarray(2)) === 0 ? 0 : bytes.indexOf(delimiter);
  if (at < 0) return 'ambiguous';
  while (true) {
    const start = at + (bytes[at] === 0x0d ? delimiter.length : delimiter.length - 2);
    const next = bytes.indexOf(delimiter, start);
    if (next < 0) return bytes.toString('latin1', start, start + 2) === '--' ? found : 'ambiguous';
    const field = fieldIn(bytes, start, next);
    if (field === 'ambiguous' || (field && found)) return 'ambiguous';
    found ??= field;
    at = next;
  }
}

/** The value of the part between two delimiters, if it is the model's. */
function fieldIn(bytes: Buffer, start: number, end: number): ModelField | 'ambiguous' | undefined {
  const headersEnd = bytes.indexOf('\r\n\r\n', start);
  if (headersEnd < 0 || headersEnd > end || headersEnd - start > LARGEST_PART_HEADER) return 'ambiguous';
  const headers = bytes.toString('latin1', start, headersEnd);
  if (!plainHeaders.test(headers)) return 'ambiguous';
  const [line, ...others] = headers.split('\r\n').filter((header) => /^content-disposition:/i.test(header));
  if (line === undefined) return undefined;
  const parameters = plainDisposition.exec(line)?.[1];
  if (parameters === undefined || others.length > 0) return 'ambiguous';
  const names = [...parameters.matchAll(parameter)].flatMap(([, key, quoted, plain]) =>
    key?.toLowerCase() === 'name' ? [quoted ?? plain ?? ''] : [],
  );
  if (names.length > 1 || names[0]?.includes('\\')) return 'ambiguous';
  if (names[0] !== 'model') return undefined;
  const valueStart = headersEnd + 4;
  return { model: bytes.toString('utf8', valueStart, end), start: valueStart, end };
}

/** RFC 2046 §5.1.1: up to 70 characters, quoted where it has others than a token may have. */
function boundaryOf(contentType: string): string | undefined {
  const plain = /^multipart\/form-data(?: *; *charset=[\w-]+)? *; *boundary=(?:"([^"\\]{1,70})"|([^\s;"]{1,70})) *$/i;
  const [, quoted, token] = plain.exec(contentType) ?? [];
  return quoted ?? token;
}

/** The same form with another model. */
export function withModel(bytes: Buffer, { start, end }: ModelField, model: string): Buffer {
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(model), bytes.subarray(end)]);
}
