import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { freePorts } from './free-ports.js';

const haproxy = process.env['MAAS_TEST_HAPROXY'];
/** Whether there is an HAProxy to test with; `npm test` says so when there is none. */
export const hasBalancer = haproxy !== undefined;

const composeFile = fileURLToPath(new URL('../../../deploy/compose/haproxy.cfg', import.meta.url));

/** The balancer of docker-compose.yml, its file as it is, in front of processes of a test. */
export class ComposeBalancer {
  private running: ChildProcess | undefined;

  private constructor(
    readonly url: string,
    private readonly file: string,
  ) {}

  /**
   * @param folder for its file
   * @param gateways URLs, of one or two
   * @param api the control plane's URL
   */
  static async configure(folder: string, gateways: readonly string[], api: string): Promise<ComposeBalancer> {
    const [port] = await freePorts(1);
    const at = (url: string | undefined) => `127.0.0.1:${new URL(url ?? '').port}`;
    const configuration = readFileSync(composeFile, 'utf8')
      .replace('bind :8080', `bind 127.0.0.1:${port}`)
      .replaceAll(/(?<= )gateway-(\d):8080/g, (_, number) => at(gateways[Number(number) - 1] ?? gateways[0]))
      .replace(/(?<= )api:8080/, at(api));
    const file = join(folder, 'haproxy.cfg');
    writeFileSync(file, configuration);
    return new ComposeBalancer(`http://127.0.0.1:${port}`, file);
  }

  /** Does nothing while it runs. */
  start(): void {
    if (this.isRunning()) return;
    this.running = spawn(haproxy ?? 'haproxy', ['-db', '-f', this.file], { stdio: 'ignore' });
  }

  /** `kill -9`. */
  async kill(): Promise<void> {
    const { running } = this;
    if (!running || !this.isRunning()) return;
    await new Promise<void>((resolve) => {
      running.once('close', () => resolve());
      running.kill('SIGKILL');
    });
  }

  private isRunning(): boolean {
    return this.running?.exitCode === null && this.running.signalCode === null;
  }
}
