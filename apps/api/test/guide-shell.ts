import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';

/** What a block of commands came to. */
export interface Ran {
  readonly stdout: string;
  readonly stderr: string;
  /** The exit codes of the last pipeline, one for each of its commands. */
  readonly statuses: number[];
}

interface Running {
  readonly onPiece: (piece: string) => void;
  readonly resolve: (ran: Ran) => void;
  readonly reject: (error: Error) => void;
}

/**
 * One bash that blocks of commands are pasted into, as into a terminal: variables of one block are there in the next.
 * One block at a time.
 */
export class GuideShell {
  private readonly bash: ChildProcessWithoutNullStreams;
  private readonly mark = `end-of-block-${randomUUID()}`;
  private stdout = '';
  private stderr = '';
  private running: Running | undefined;
  private readonly over: Promise<void>;

  /** @param environment all that the commands see of it */
  constructor(environment: Record<string, string>) {
    this.bash = spawn('bash', ['--noprofile', '--norc'], { env: environment });
    this.over = new Promise((resolve) => this.bash.once('close', () => resolve()));
    this.bash.stdin.on('error', () => undefined);
    this.bash.stdout.setEncoding('utf8').on('data', (piece: string) => {
      this.running?.onPiece(piece);
      this.stdout += piece;
      this.finish();
    });
    this.bash.stderr.setEncoding('utf8').on('data', (piece: string) => {
      this.stderr += piece;
      this.finish();
    });
    this.bash.once('error', (error) => this.fail(`bash cannot be started: ${error.message}`));
    this.bash.once('close', () => this.fail(`bash ended: ${this.stderr}`));
  }

  /**
   * Runs a block to its end.
   * @param onPiece told what comes on standard output, as it comes
   */
  run(block: string, onPiece: (piece: string) => void = () => undefined): Promise<Ran> {
    return new Promise((resolve, reject) => {
      this.running = { onPiece, resolve, reject };
      this.bash.stdin.write(
        `${block}\nstatuses="\${PIPESTATUS[*]}"; printf '%s' '${this.mark}' >&2; printf '%s%s\\n' '${this.mark}' "$statuses"\n`,
      );
    });
  }

  /** The value of a variable of the shell. */
  async valueOf(variable: string): Promise<string> {
    return (await this.run(`printf '%s' "\${${variable}}"`)).stdout;
  }

  async close(): Promise<void> {
    this.bash.stdin.end();
    await this.over;
  }

  private finish(): void {
    const [stdout, tail, ...rest] = this.stdout.split(this.mark);
    if (rest.length > 0 || stdout === undefined || !tail?.endsWith('\n') || !this.stderr.endsWith(this.mark)) return;
    const stderr = this.stderr.slice(0, -this.mark.length);
    const { running } = this;
    this.running = undefined;
    this.stdout = '';
    this.stderr = '';
    running?.resolve({ stdout, stderr, statuses: tail.trim().split(' ').map(Number) });
  }

  private fail(message: string): void {
    this.running?.reject(new Error(message));
    this.running = undefined;
  }
}
