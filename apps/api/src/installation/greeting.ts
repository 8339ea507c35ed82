import type { Installed } from './install.js';
import { waiting, welcome } from './welcome.js';

/** Says what to do next, once it is known where the platform listens and what its database holds: whichever comes last. */
export class Greeting {
  private url: string | undefined;
  private installed: Installed | undefined;

  /**
   * @param demo whether there are demo accounts
   * @param hasDocs whether the process serves the API's reference
   */
  constructor(
    private readonly demo: boolean,
    private readonly hasDocs: boolean,
    private readonly write: (text: string) => void,
  ) {}

  whenInstalled(installed: Installed): void {
    this.installed = installed;
    if (this.url !== undefined) this.write(welcome(this.url, installed, this.demo, this.hasDocs));
  }

  whenListening(url: string): void {
    this.url = url;
    this.write(this.installed === undefined ? waiting(url) : welcome(url, this.installed, this.demo, this.hasDocs));
  }
}
