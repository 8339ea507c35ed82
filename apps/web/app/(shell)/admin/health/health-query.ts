import { queryOptions } from '@tanstack/react-query';
import type { SystemHealth } from '@maas/contracts/health';
import { api } from '@/lib/api';

/** How the platform is, as the process that answers sees it. */
export const healthQuery = queryOptions({
  queryKey: ['/admin/health'],
  queryFn: ({ signal }) => api.get<SystemHealth>('/admin/health', { signal }),
});
