/** The field of a form (RFC 7578) that names the model, and where its value stands in the bytes. */
export interface ModelField {
  readonly model: string;
  readonly start: number;
  readonly end: number;
}

const LARGEST_PART_HEADER = 4096;
const isModelPart = /^content-disposition:[^\r\n]*;\s*name="?model"?\s*(?:;|\r|\n|$)/im;

/**
 * Finds the model in a form, such as an upload for `audio/transcriptions`. Parts are told apart by the boundary alone, so
 * that no file can pretend to be the field.
 * @returns undefined when there is no such field; `ambiguous` when there is more than one, which two readers could resolve
 * differently
 */
export function modelInForm(contentType: string | undefined, bytes: Buffer): ModelField | 'ambiguous' | undefined {
  const boundary = boundaryOf(contentType);
  if (boundary === undefined) return undefined;
  const delimiter = Buffer.from(`\r\n--${boundary}`);
  let found: ModelField | undefined;
  // The first delimiter has no line break before it when there is no preamble.
  let at = bytes.indexOf(delimiter.subarray(2));
  while (at >= 0) {
    const start = at + (bytes[at] === 0x0d ? delimiter.length : delimiter.length - 2);
    const next = bytes.indexOf(delimiter, start);
    const field = next < 0 ? undefined : fieldIn(bytes, start, next);
    if (field && found) return 'ambiguous';
    found ??= field;
    at = next;
  }
  return found;
}

/** The value of the part between two delimiters, if it is the model's. */
function fieldIn(bytes: Buffer, start: number, end: number): ModelField | undefined {
  const headersEnd = bytes.indexOf('\r\n\r\n', start);
  if (headersEnd < 0 || headersEnd > end || headersEnd - start > LARGEST_PART_HEADER) return undefined;
  if (!isModelPart.test(bytes.toString('latin1', start, headersEnd).trimStart())) return undefined;
  const valueStart = headersEnd + 4;
  return { model: bytes.toString('utf8', valueStart, end), start: valueStart, end };
}

/** RFC 2046 §5.1.1: up to 70 characters, quoted where it has others than a token may have. */
function boundaryOf(contentType: string | undefined): string | undefined {
  if (!contentType?.toLowerCase().startsWith('multipart/form-data')) return undefined;
  const [, quoted, plain] = /;\s*boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))/i.exec(contentType) ?? [];
  return quoted ?? plain;
}

/** The same form with another model. */
export function withModel(bytes: Buffer, { start, end }: ModelField, model: string): Buffer {
  return Buffer.concat([bytes.subarray(0, start), Buffer.from(model), bytes.subarray(end)]);
}
