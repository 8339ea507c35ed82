import cluster from 'node:cluster';
import type { LoggerService } from '@nestjs/common';
import { type Logger, pino } from 'pino';

/** Nest's logger as JSON lines on standard output. A secret is never given to it. */
export class PinoLogger implements LoggerService {
  private readonly pino: Logger;

  constructor(level: string) {
    // Where several processes write, it matters which one it was.
    const base = cluster.isWorker ? { pid: process.pid } : null;
    this.pino = pino({ level, base, timestamp: pino.stdTimeFunctions.isoTime });
  }

  /** @param message an object has the fields of a line of its own */
  log(message: unknown, context?: unknown): void {
    if (typeof message === 'object' && message !== null) return this.pino.info({ ...contextOf(context), ...message });
    // What Nest says of its own start-up is no news to an operator.
    const own = typeof context === 'string' && nestContexts.has(context);
    this.pino[own ? 'debug' : 'info'](contextOf(context), String(message));
  }

  warn(message: unknown, context?: unknown): void {
    this.pino.warn(contextOf(context), String(message));
  }

  error(message: unknown, stackOrContext?: unknown, context?: unknown): void {
    const stack = context === undefined ? {} : { stack: stackOrContext };
    this.pino.error({ ...contextOf(context ?? stackOrContext), ...stack }, String(message));
  }

  fatal(message: unknown, context?: unknown): void {
    this.pino.fatal(contextOf(context), String(message));
  }

  debug(message: unknown, context?: unknown): void {
    this.pino.debug(contextOf(context), String(message));
  }

  verbose(message: unknown, context?: unknown): void {
    this.pino.trace(contextOf(context), String(message));
  }
}

const nestContexts = new Set(['NestFactory', 'InstanceLoader', 'RoutesResolver', 'RouterExplorer', 'NestApplication']);

function contextOf(context: unknown): { context?: string } {
  return typeof context === 'string' ? { context } : {};
}
