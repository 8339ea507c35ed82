/** A token as it was minted, and until when it is good (Unix seconds). */
export interface MintedToken {
  jti: string;
  token: string;
  expiresAt: number;
}

/** One that ends so soon could end while an answer is under way. */
const MARGIN_MILLISECONDS = 120_000;

/**
 * The access token that the playground calls models with. It is minted when it is first needed and is in this object alone:
 * in no storage, no address and no part of the page; it is gone with the tab.
 */
export class PlaygroundToken {
  #minted: MintedToken | undefined;
  #minting: Promise<MintedToken> | undefined;

  constructor(
    private readonly mint: () => Promise<MintedToken>,
    private readonly now: () => number = Date.now,
  ) {}

  /** A token that is good for a while. Who asks at the same time gets the same one. @throws what minting throws */
  async read(): Promise<string> {
    const known = this.#minted;
    if (known && known.expiresAt * 1000 - this.now() > MARGIN_MILLISECONDS) return known.token;
    this.#minting ??= this.mint().finally(() => (this.#minting = undefined));
    this.#minted = await this.#minting;
    return this.#minted.token;
  }

  /** Gives it up: what can still be used is the caller's to revoke, and the next one who asks gets a new one. */
  take(): MintedToken | undefined {
    const minted = this.#minted;
    this.#minted = undefined;
    return minted && minted.expiresAt * 1000 > this.now() ? minted : undefined;
  }

  /** The gateway does not know it any more: the next one who asks gets a new one. */
  forget(token: string): void {
    if (this.#minted?.token === token) this.#minted = undefined;
  }
}
