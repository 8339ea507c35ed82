import { applyDecorators, SetMetadata } from '@nestjs/common';
import { ApiBearerAuth, ApiResponse } from '@nestjs/swagger';
import { ErrorBody } from '@maas/contracts/errors';

/**
 * Who may call a route.
 * - `public`: anyone.
 * - `token`: who shows an identity token or an access token.
 * - `identity`: who shows an identity token, or comes by a browser that is signed in.
 * - `admin`: an administrator, by an identity token or a browser that is signed in.
 */
export type Policy = 'public' | 'token' | 'identity' | 'admin';

export const POLICY = 'maas:policy';

/** Declares, enforces and documents who may call a route. A route without it is refused to everybody. */
export function Access(policy: Policy): MethodDecorator & ClassDecorator {
  const declaration = SetMetadata(POLICY, policy);
  if (policy === 'public') return applyDecorators(declaration);
  return applyDecorators(
    declaration,
    ApiBearerAuth(policy === 'token' ? 'access' : 'identity'),
    ApiResponse({ status: 401, description: 'No token, or not a valid one.', standardSchema: ErrorBody }),
    ApiResponse({
      status: 403,
      description: 'The token is not of the kind or role needed.',
      standardSchema: ErrorBody,
    }),
  );
}
