import { type ExportResult, ExportResultCode } from '@opentelemetry/core';
import type { ReadableSpan, SpanExporter } from '@opentelemetry/sdk-trace';

/** Says once that spans cannot be sent, and once that they can be again, however many are dropped between. */
export class QuietExporter implements SpanExporter {
  private dropped = 0;

  /** @param where to name the collector by, without anything secret */
  constructor(
    private readonly exporter: SpanExporter,
    private readonly where: string,
    private readonly logger: { warn(message: string): void; log(message: string): void },
  ) {}

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.exporter.export(spans, ({ code, error }) => {
      if (code === ExportResultCode.SUCCESS) this.sent();
      else this.failed(spans.length, error);
      // What happened is said; nobody else need say it.
      done({ code: ExportResultCode.SUCCESS });
    });
  }

  shutdown(): Promise<void> {
    return this.exporter.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.exporter.forceFlush?.();
  }

  private sent(): void {
    if (this.dropped === 0) return;
    this.logger.log(`Traces are sent to ${this.where} again; ${this.dropped} spans or more were dropped`);
    this.dropped = 0;
  }

  private failed(count: number, error: (Error & { code?: string | number }) | undefined): void {
    if (this.dropped === 0) {
      const why = error?.code ?? error?.name ?? 'unknown';
      this.logger.warn(`Traces cannot be sent to ${this.where} (${why}); spans are dropped until they can be`);
    }
    this.dropped += count;
  }
}
