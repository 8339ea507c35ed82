let leaving = false;

/** The session is over: to the sign-in page, and back here after it. Many calls can find it out at once; one acts. */
export function signInAgain(): void {
  if (leaving || location.pathname === '/sign-in') return;
  leaving = true;
  const here = `${location.pathname}${location.search}`;
  location.replace(here === '/' ? '/sign-in' : `/sign-in?returnTo=${encodeURIComponent(here)}`);
}
