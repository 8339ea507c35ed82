import type { Answer, CallOptions } from './harness.js';

/** What a browser is to us: it keeps cookies by host, says where a request comes from, and does not follow redirects by itself. */
export interface Browser {
  /** By host, then by name. */
  readonly jar: Map<string, Map<string, string>>;
  /** The cookies as they were set last, with their attributes. */
  readonly setCookies: string[];
  fetch<Body = unknown>(url: string, options?: CallOptions): Promise<Answer<Body>>;
}

/**
 * @param origin of our own pages: from them requests are `same-origin`
 * @param headers that every request has
 */
export function startBrowser(origin: string, headers: Record<string, string> = {}): Browser {
  const jar = new Map<string, Map<string, string>>();
  const setCookies: string[] = [];
  const browse = async <Body>(url: string, options: CallOptions = {}): Promise<Answer<Body>> => {
    const target = new URL(url, origin);
    const { body, method = body === undefined ? 'GET' : 'POST' } = options;
    const isJson = typeof body === 'object' && !(body instanceof Uint8Array);
    const response = await fetch(target, {
      method,
      redirect: 'manual',
      headers: {
        ...cookieHeader(jar.get(target.host)),
        ...(method === 'GET' ? {} : { 'sec-fetch-site': 'same-origin', origin }),
        ...(isJson ? { 'content-type': 'application/json' } : {}),
        ...headers,
        ...options.headers,
      },
      ...(body === undefined ? {} : { body: isJson ? JSON.stringify(body) : body }),
    });
    for (const line of response.headers.getSetCookie()) {
      setCookies.push(line);
      keep(jar, target.host, line);
    }
    const text = await response.text();
    const json = response.headers.get('content-type')?.includes('json') && text !== '';
    return {
      status: response.status,
      headers: response.headers,
      text,
      body: (json ? JSON.parse(text) : undefined) as Body,
    };
  };
  return { jar, setCookies, fetch: browse };
}

function cookieHeader(cookies: Map<string, string> | undefined): Record<string, string> {
  if (!cookies || cookies.size === 0) return {};
  return { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; ') };
}

function keep(jar: Browser['jar'], host: string, line: string): void {
  const [, name = '', value = '', attributes = ''] = /^([^=]+)=([^;]*)(.*)$/.exec(line) ?? [];
  const cookies = jar.get(host) ?? new Map<string, string>();
  jar.set(host, cookies);
  const expires = /expires=([^;]+)/i.exec(attributes)?.[1];
  const gone = /max-age=0/i.test(attributes) || (expires !== undefined && Date.parse(expires) <= Date.now());
  if (gone) cookies.delete(name);
  else cookies.set(name, value);
}
