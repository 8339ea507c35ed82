import { queryOptions } from '@tanstack/react-query';
import type { TokenConfig } from '@maas/contracts/tokens';
import { api } from './api';

/** What the server says of tokens: who issues them, and for how long. */
export const tokenConfigQuery = queryOptions({
  queryKey: ['/tokens/config'],
  queryFn: ({ signal }) => api.get<TokenConfig>('/tokens/config', { signal }),
  staleTime: 300_000,
});
