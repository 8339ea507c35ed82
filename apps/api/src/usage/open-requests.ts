import { type Placed, UnderWay } from '../http/under-way.js';
import type { CheckpointFile } from './checkpoint-file.js';
import type { UsageRecord } from './usage-record.js';

/** Less than a millisecond of work; in between, others have their turn. */
const WRITTEN_AT_ONCE = 128;

/** Knows what a request under way has come to. */
export interface Progressing {
  /** Its row, with the id of its final one, if our process ended now. */
  soFar(): UsageRecord;
}

/** A request under way. */
export interface OpenRequest extends Placed {
  readonly request: Progressing;
  /** As it is on file. */
  written: UsageRecord | undefined;
  /** It was under way at an earlier checkpoint. */
  wasSeen: boolean;
}

interface Checkpoint {
  readonly open: OpenRequest;
  readonly row: UsageRecord;
}

/**
 * The requests that are under way. On the hot path one is no more than an entry here. Each second what they have come to is
 * written to a file, all together, so that a kill of the process loses at most what came since. Requests that are answered
 * within that time leave no trace: of one of which no byte has come yet, nothing is written at its first checkpoint.
 */
export class OpenRequests {
  private readonly open = new UnderWay<OpenRequest>();
  private isWriting = false;

  constructor(private readonly file: CheckpointFile) {}

  begin(request: Progressing): OpenRequest {
    const open: OpenRequest = { request, written: undefined, wasSeen: false, place: -1 };
    this.open.add(open);
    return open;
  }

  end(open: OpenRequest): void {
    this.open.delete(open);
  }

  /** Writes down what has changed since the last time. */
  async checkpoint(): Promise<void> {
    if (this.isWriting) return;
    this.isWriting = true;
    try {
      const anew = this.file.isOver;
      const due = this.due(anew);
      // Whoever has ended meanwhile has a row, which counts for more.
      if (anew) await this.writeAnew(due);
      else await this.append(due);
    } finally {
      this.isWriting = false;
    }
  }

  /** Ends. What is still under way stays on file. */
  close(): void {
    if (this.open.size === 0) this.file.clear();
  }

  /** @param all also what is on file as it is */
  private due(all: boolean): Checkpoint[] {
    const due: Checkpoint[] = [];
    for (const open of this.open) {
      const row = open.request.soFar();
      if (row.firstByteMs === null && !open.wasSeen) open.wasSeen = true;
      else if (all || isNews(row, open.written)) due.push({ open, row });
    }
    return due;
  }

  private async writeAnew(due: readonly Checkpoint[]): Promise<void> {
    if (due.length === 0) return this.file.clear();
    if (!this.file.begin()) return;
    if (await this.append(due)) this.file.complete();
    else this.file.giveUp();
  }

  private async append(due: readonly Checkpoint[]): Promise<boolean> {
    for (let start = 0; start < due.length; start += WRITTEN_AT_ONCE) {
      if (start > 0) await new Promise((resolve) => setImmediate(resolve));
      if (!this.file.append(due.slice(start, start + WRITTEN_AT_ONCE).map(({ row }) => row))) return false;
    }
    for (const { open, row } of due) open.written = row;
    return true;
  }
}

/** Whether there is more to say of a request than how long it takes. */
function isNews(row: UsageRecord, written: UsageRecord | undefined): boolean {
  return (
    row.completionTokens !== written?.completionTokens ||
    row.promptTokens !== written.promptTokens ||
    row.backendId !== written.backendId ||
    row.firstByteMs !== written.firstByteMs
  );
}
