import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const folders = ['/usr/lib/x86_64-linux-gnu', '/usr/lib/aarch64-linux-gnu', '/usr/lib', '/usr/local/lib', '/usr/lib64'];
const library = folders.map((folder) => join(folder, 'faketime/libfaketime.so.1')).find((path) => existsSync(path));

/** Whether there is a libfaketime to turn clocks with. */
export const canTurnClocks = library !== undefined;

/** The wall clock of a process, turned while it runs; its monotonic clock goes on, as on a machine whose time is set. */
export class TurnedProcessClock {
  private readonly folder = mkdtempSync(join(tmpdir(), 'maas-clock-'));
  private readonly file = join(this.folder, 'offset');

  constructor() {
    this.turn(0);
  }

  /** For the process whose clock it is. */
  readonly environment: Record<string, string> = {
    LD_PRELOAD: library ?? '',
    FAKETIME_TIMESTAMP_FILE: this.file,
    FAKETIME_NO_CACHE: '1',
    FAKETIME_DONT_FAKE_MONOTONIC: '1',
    FAKETIME_DONT_RESET: '1',
  };

  /** @param seconds by which the clock is wrong from now on */
  turn(seconds: number): void {
    writeFileSync(this.file, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}`);
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}
