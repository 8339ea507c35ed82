import { z } from 'zod';
import { IdentityProvider, Role } from './auth.js';
import { Instant, pageOf } from './paging.js';

/**
 * How a person can sign in to the dashboard.
 * - `local`: username and password, `POST /maas-api/v1/session`.
 * - `kubernetes`: a token of the cluster, `POST /maas-api/v1/session/kubernetes`.
 * - `oidc`, `openshift`: the browser is sent to `url`, and comes back signed in.
 */
export const SignInKind = z.enum(['local', 'kubernetes', 'oidc', 'openshift']);
export type SignInKind = z.infer<typeof SignInKind>;

export const SignInMethod = z
  .object({
    kind: SignInKind,
    label: z.string().meta({ description: 'What the button says, such as `Company account`.' }),
    url: z.string().optional().meta({
      description: 'Where the browser is sent; takes `?returnTo=/path`. Absent: the form of the sign-in page.',
    }),
  })
  .meta({ id: 'SignInMethod' });
export type SignInMethod = z.infer<typeof SignInMethod>;

/** What the sign-in page shows. */
export const SignInOptions = z
  .object({
    methods: z.array(SignInMethod),
    setupNeeded: z.boolean().meta({ description: 'Nobody can administer this installation yet: use the set-up link.' }),
    demoAccounts: z
      .array(z.string())
      .meta({ description: 'Usernames of the accounts that an installation with the embedded database begins with.' }),
    version: z.string().meta({ description: 'Of the platform.' }),
  })
  .meta({ id: 'SignInOptions' });
export type SignInOptions = z.infer<typeof SignInOptions>;

/** What `/sign-in?error=<code>` means, for the person who reads it. */
export const signInErrors = {
  access_denied: 'The identity provider did not let you in, or you cancelled. Try again, or ask your administrator.',
  account_suspended: 'Your account is suspended. Ask an administrator of this platform to open it again.',
  attempt_expired: 'This sign-in took longer than ten minutes, or was begun in another tab. Please start again.',
  identity_unusable:
    'The identity provider did not say who you are in a form that can be used. Ask your administrator.',
  internal_error: 'Something went wrong on our side. Try again, or ask your administrator to look into the log.',
  method_not_configured: 'This way to sign in is not set up here. Choose another one.',
  provider_rejected:
    'The identity provider’s answer could not be verified, so you are not signed in. Please start again.',
  provider_unavailable: 'The identity provider does not answer at the moment. Try again shortly.',
  too_many_attempts: 'There were too many attempts from your network. Try again in a minute.',
} as const satisfies Record<string, string>;

export const SignInError = z.enum(
  Object.keys(signInErrors) as [keyof typeof signInErrors, ...(keyof typeof signInErrors)[]],
);
export type SignInError = z.infer<typeof SignInError>;

/** Shows a token of the Kubernetes or OpenShift cluster, such as `oc whoami -t` prints. */
export const KubernetesSignIn = z
  .object({ token: z.string().trim().min(1, 'token is missing').max(16_384, 'token is too long') })
  .meta({ id: 'KubernetesSignIn' });
export type KubernetesSignIn = z.infer<typeof KubernetesSignIn>;

/** A browser that is signed in. The cookie that proves it is never shown. */
export const Session = z
  .object({
    object: z.literal('session'),
    id: z.uuid().meta({ description: 'Names the session, and is no secret.' }),
    kind: SignInKind.meta({ description: 'How its owner signed in.' }),
    current: z.boolean().meta({ description: 'True for the one that the request came with.' }),
    createdAt: Instant,
    lastSeenAt: Instant,
    expiresAt: Instant.meta({ description: 'When it ends whatever is done.' }),
    idleExpiresAt: Instant.meta({ description: 'When it ends if nothing is done.' }),
    userAgent: z.string().nullable().meta({ description: 'What the browser called itself at the sign-in.' }),
    address: z.string().nullable().meta({ description: 'The network address at the sign-in.' }),
  })
  .meta({ id: 'Session' });
export type Session = z.infer<typeof Session>;

/** The session that the request came with, or that has just begun, and whose it is. `GET /me` says more of the person. */
export const CurrentSession = Session.extend({
  user: z.object({ id: z.uuid(), username: z.string(), provider: IdentityProvider, role: Role }),
}).meta({ id: 'CurrentSession' });
export type CurrentSession = z.infer<typeof CurrentSession>;

export const SessionPage = pageOf(Session, 'SessionPage');
export type SessionPage = z.infer<typeof SessionPage>;

/** Sent instead of 204 when the identity provider has a session of its own, which the person may want to end as well. */
export const SignedOut = z
  .object({ logoutUrl: z.url().meta({ description: 'Where the browser goes to sign out of the identity provider.' }) })
  .meta({ id: 'SignedOut' });
export type SignedOut = z.infer<typeof SignedOut>;
