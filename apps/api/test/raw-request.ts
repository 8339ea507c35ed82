export interface RawRequest {
  method?: string;
  path?: string;
  version?: string;
  token?: string;
  /** Header lines, each without its line end. */
  lines?: readonly string[];
  /** Gets a content-length. */
  body?: string;
}

/** A request as the bytes that go over the wire, one for each character. */
export function rawRequest(request: RawRequest = {}): string {
  const { body, token, lines = [], version = '1.1' } = request;
  const { method = body === undefined ? 'GET' : 'POST', path = '/healthz' } = request;
  const head = [
    `${method} ${path} HTTP/${version}`,
    'host: maas.test',
    ...(token === undefined ? [] : [`authorization: Bearer ${token}`]),
    ...(body === undefined ? [] : [`content-length: ${body.length}`]),
    ...lines,
  ];
  return `${head.join('\r\n')}\r\n\r\n${body ?? ''}`;
}
