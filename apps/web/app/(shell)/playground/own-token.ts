import type { CreatedToken } from '@maas/contracts/tokens';
import { api, apiUrl } from '@/lib/api';
import { PlaygroundToken } from './playground-token';

/** In the memory of the tab, so that going to another page and back needs no other token. */
export const ownToken = new PlaygroundToken(() => {
  window.addEventListener('pagehide', revoke);
  return api.post<CreatedToken>('/tokens', { body: { name: 'Playground', expiration: '1h' } });
});

/** With the tab its token is gone too: nobody shall have to wonder what a token that works is for. */
function revoke(): void {
  const minted = ownToken.take();
  if (!minted) return;
  // By its own word, and after the page: the session of the browser may have ended before.
  void fetch(apiUrl(`/tokens/${minted.jti}`), {
    method: 'DELETE',
    headers: { authorization: `Bearer ${minted.token}` },
    credentials: 'omit',
    keepalive: true,
  }).catch(() => {});
}
