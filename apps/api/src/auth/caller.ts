import type { Role } from '@maas/contracts/auth';
import type { Session } from '@maas/database/client';

/** Who makes a request of the control plane, and by what. */
export interface Caller {
  readonly userId: string;
  readonly username: string;
  readonly role: Role;
  /**
   * An identity token, or the session of a browser, says who somebody is; an access token is what they exchanged it for.
   */
  readonly credential:
    { readonly kind: 'identity'; readonly session?: Session } | { readonly kind: 'access'; readonly jti: string };
  /** The network address, for the audit log and the throttle. */
  readonly address: string;
  readonly requestId: string;
}

/** What a passport strategy finds out; the guard adds what the request says. */
export type Principal = Pick<Caller, 'userId' | 'username' | 'role' | 'credential'>;
