import type { SignInError } from '@maas/contracts/sessions';

/** A sign-in by way of an identity provider that came to nothing. `cause` is for the log only. */
export class SignInFailure extends Error {
  constructor(
    readonly code: SignInError,
    cause?: unknown,
  ) {
    super(`sign-in failed: ${code}`, { cause });
    this.name = 'SignInFailure';
  }
}
