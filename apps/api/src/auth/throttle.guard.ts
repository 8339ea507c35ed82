import { type ExecutionContext, Injectable } from '@nestjs/common';
import { SetMetadata } from '@nestjs/common';
import { ThrottlerGuard, type ThrottlerLimitDetail, type ThrottlerModuleOptions } from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.js';
import { ApiError } from '../http/api-error.js';
import { waitHeaders } from '../http/wait-headers.js';
import type { Caller } from './caller.js';

const GUESSABLE = 'maas:guessable';

/** Marks a route where somebody could guess a secret: throttled per address and, where the body names one, per account. */
export const Guessable = (by: 'account' | 'address' = 'account') => SetMetadata(GUESSABLE, by);

type CallerRequest = FastifyRequest & { user?: Caller; body?: unknown };

/**
 * What the control plane takes from one account, address or person in a minute. Inference has limits of its own (tiers).
 * Whoever exceeds one is refused for the rest of the minute, not for a further one.
 */
export function throttles(config: Config): ThrottlerModuleOptions {
  const ttl = 60_000;
  // Absent, it would be a further `ttl` from the first attempt that is refused.
  const blockDuration = 0;
  const reading = new Set(['GET', 'HEAD', 'OPTIONS']);
  const request = (context: ExecutionContext) => context.switchToHttp().getRequest<CallerRequest>();
  const guessable = (context: ExecutionContext) => Reflect.getMetadata(GUESSABLE, context.getHandler()) as unknown;
  return {
    setHeaders: false,
    // By what is tracked alone: neither by route, nor one throttle at the expense of another.
    generateKey: (_context, tracker, name) => `${name}:${tracker}`,
    throttlers: [
      {
        name: 'account',
        ttl,
        blockDuration,
        limit: config.LOGIN_ATTEMPTS_PER_MINUTE,
        skipIf: (context) => guessable(context) !== 'account',
        getTracker: (req) => accountOf((req as CallerRequest).body),
      },
      {
        name: 'address',
        ttl,
        blockDuration,
        // The throttler's own tracker: an IPv6 address counts by its /64, of which one subscriber has all.
        limit: config.LOGIN_ATTEMPTS_PER_MINUTE * 10,
        skipIf: (context) => guessable(context) === undefined,
      },
      {
        name: 'person',
        ttl,
        blockDuration,
        limit: config.CONTROL_REQUESTS_PER_MINUTE,
        skipIf: (context) => request(context).user === undefined || reading.has(request(context).method),
        getTracker: (req) => (req as CallerRequest).user?.userId ?? '',
      },
    ],
  };
}

function accountOf(body: unknown): string {
  const username = typeof body === 'object' && body !== null && 'username' in body ? body.username : undefined;
  return typeof username === 'string' ? username.slice(0, 256) : '';
}

/** Slows down who tries passwords or floods the control plane. */
@Injectable()
export class ThrottleGuard extends ThrottlerGuard {
  protected override throwThrottlingException(_context: ExecutionContext, detail: ThrottlerLimitDetail): Promise<void> {
    const seconds = Math.min(60, Math.max(1, Math.ceil(detail.timeToBlockExpire)));
    throw new ApiError('rate_limit_exceeded', {
      message: `Rate limit exceeded: too many attempts, at most ${detail.limit} a minute; try again in ${seconds} s`,
      headers: waitHeaders(seconds * 1000),
    });
  }
}
