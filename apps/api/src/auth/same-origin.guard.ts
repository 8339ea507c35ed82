import { type CanActivate, type ExecutionContext, Inject, Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { CONFIG, type Config } from '../config.js';
import { originOf } from '../http/origin.js';
import { isFromBrowser } from './csrf.js';
import { requireOwnPage } from './own-pages.js';

/**
 * For what starts a session, before it is known who calls: another site must not sign a browser in as somebody else. Programs other than browsers are let through.
 */
@Injectable()
export class SameOriginGuard implements CanActivate {
  constructor(@Inject(CONFIG) private readonly config: Config) {}

  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    if (isFromBrowser(request.headers)) requireOwnPage(request.headers, originOf(this.config, request));
    return true;
  }
}
