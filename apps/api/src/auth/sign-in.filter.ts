import { type ArgumentsHost, Catch, type ExceptionFilter, Logger } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { SignInError } from '@maas/contracts/sessions';
import { logError, toApiError } from '../http/error.filter.js';
import { KubernetesFailure } from '../kubernetes/kubernetes-failure.js';
import { reasonOf } from './provider-fetch.js';
import { SignInFailure } from './sign-in-failure.js';

/** Sends a browser whose sign-in failed back to the sign-in page, which says what the code means. */
@Catch()
export class SignInFilter implements ExceptionFilter {
  private readonly logger = new Logger(SignInFilter.name);

  catch(thrown: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<FastifyRequest>();
    const code = this.codeOf(thrown, request.id);
    void http.getResponse<FastifyReply>().redirect(`/sign-in?error=${code}`, 302);
  }

  private codeOf(thrown: unknown, requestId: string): SignInError {
    if (thrown instanceof SignInFailure) {
      // What the provider said; a code or token is in none of these messages.
      const reason = thrown.cause === undefined ? '' : `: ${reasonOf(thrown.cause)}`;
      this.logger.warn(`A sign-in failed in request ${requestId}, ${thrown.code}${reason}`);
      return thrown.code;
    }
    const error = toApiError(thrown, requestId);
    logError(error, requestId);
    // To try again helps nobody where an administrator must act.
    if (error.cause instanceof KubernetesFailure)
      return error.cause.isForOperators ? 'internal_error' : 'provider_unavailable';
    return error.code === 'rate_limit_exceeded' ? 'too_many_attempts' : 'internal_error';
  }
}
