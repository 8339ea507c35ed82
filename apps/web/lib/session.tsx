'use client';

import { queryOptions, useQuery } from '@tanstack/react-query';
import { createContext, type ReactNode, use } from 'react';
import type { Me } from '@maas/contracts/auth';
import type { SignedOut } from '@maas/contracts/sessions';
import { api } from './api';

export const meQuery = queryOptions({
  queryKey: ['/me'],
  queryFn: ({ signal }) => api.get<Me>('/me', { signal }),
  // More often while it fails: who waits wants to see at once that the platform is back.
  refetchInterval: ({ state }) => (state.error ? 5000 : 30_000),
  refetchIntervalInBackground: false,
});

const SessionContext = createContext<Me | undefined>(undefined);

interface SessionGateProps {
  children: ReactNode;
  /** While it is not known who is there, or when it cannot be found out. */
  fallback: (state: { error: Error | null; retry: () => void }) => ReactNode;
}

/** Shows its children to who is signed in. Who is not is on the way to the sign-in page. */
export function SessionGate({ children, fallback }: SessionGateProps) {
  const me = useQuery(meQuery);
  if (me.data === undefined)
    return fallback({ error: isSignedOut(me.error) ? null : me.error, retry: () => void me.refetch() });
  return <SessionContext value={me.data}>{children}</SessionContext>;
}

/** Who is signed in: name, role, groups, tier and limits. Only inside of the shell. */
export function useSession(): Me {
  const me = use(SessionContext);
  if (me === undefined) throw new Error('useSession is for pages inside of the shell');
  return me;
}

/** Ends the session here, and where the identity provider has one too, leads there to end it. */
export async function signOut(): Promise<void> {
  const answer = await api.delete<SignedOut | undefined>('/session', { anonymous: true });
  location.assign(answer?.logoutUrl ?? '/sign-in');
}

function isSignedOut(error: Error | null): boolean {
  return error !== null && 'status' in error && error.status === 401;
}
