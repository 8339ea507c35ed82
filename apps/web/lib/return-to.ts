/**
 * Where to go after the sign-in: a path of this origin, or the home page. Anything that a browser could take for another
 * origin is refused (OWASP, Unvalidated Redirects): `//host`, `/\host`, a scheme, a control character.
 */
export function safeReturnTo(text: string | null): string {
  if (text === null || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.includes('\\')) return '/';
  const url = URL.parse(text, 'http://origin.invalid');
  if (url?.origin !== 'http://origin.invalid' || url.pathname === '/sign-in') return '/';
  return `${url.pathname}${url.search}${url.hash}`;
}
