/** The names of both are at the answer's edges: the model's at its beginning, the reason at its end. */
const EDGE_BYTES = 8 * 1024;
// A quote within a JSON string is escaped, so these bytes can only be a key and its value: no text of an answer.
const model = /"model"\s*:\s*"([^"\\]{1,128})"/;
const reasons = /"(?:finish_reason|stop_reason)"\s*:\s*"(\w{1,32})"/g;

/** Keeps as much of an answer as is needed to say, once it is over, which model gave it and why it ended. Copies nothing. */
export class AnswerFacts {
  private head: Buffer | undefined;
  private tail: Buffer[] = [];
  private tailBytes = 0;

  take(chunk: Buffer): void {
    this.head ??= chunk;
    this.tail.push(chunk);
    this.tailBytes += chunk.length;
    while (this.tail.length > 1 && this.tailBytes - (this.tail[0]?.length ?? 0) >= EDGE_BYTES) {
      this.tailBytes -= this.tail.shift()?.length ?? 0;
    }
  }

  get responseModel(): string | undefined {
    return model.exec(this.head?.toString('latin1', 0, EDGE_BYTES) ?? '')?.[1];
  }

  /** In the order in which they came, one for each of several answers. */
  get finishReasons(): string[] {
    const text = Buffer.concat(this.tail).subarray(-EDGE_BYTES).toString('latin1');
    return [...text.matchAll(reasons)].flatMap(([, reason]) => reason ?? []);
  }
}
