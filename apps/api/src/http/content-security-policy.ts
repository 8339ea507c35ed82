import { createHash } from 'node:crypto';

/**
 * What a page of ours may load and do (CSP level 3; OWASP, content security policy): nothing from elsewhere, and no inline
 * script but those whose hashes are named.
 * @param scriptHashes such as `sha256-…`
 */
export function contentSecurityPolicy(scriptHashes: readonly string[] = []): string {
  return [
    "default-src 'none'",
    `script-src ${["'self'", ...scriptHashes.map((hash) => `'${hash}'`)].join(' ')}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; ');
}

// HTML §13.2.5: a script's text ends at the first end tag, whatever is before it; attribute values may hold a `>`.
const script = /<script((?:\s|\/)(?:"[^"]*"|'[^']*'|[^"'>])*)?>([\s\S]*?)<\/script[\s/>]/gi;

/** The hashes of the scripts that are written into a page, each once. */
export function inlineScriptHashes(html: string): string[] {
  const hashes = new Set<string>();
  for (const [, attributes = '', text = ''] of html.matchAll(script)) {
    if (/(?:^|[\s/"'])src\s*=/i.test(withoutValues(attributes))) continue;
    // HTML §13.2.3.5: a browser reads a line end as one character before it hashes.
    const read = text.replace(/\r\n?/g, '\n');
    hashes.add(`sha256-${createHash('sha256').update(read).digest('base64')}`);
  }
  return [...hashes];
}

/** Attributes without what is in quotes, where anything may stand. */
function withoutValues(attributes: string): string {
  return attributes.replace(/"[^"]*"|'[^']*'/g, '""');
}
