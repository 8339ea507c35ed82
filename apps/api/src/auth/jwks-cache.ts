import {
  createLocalJWKSet,
  errors,
  type CryptoKey,
  type FlattenedJWSInput,
  type JSONWebKeySet,
  type JWSHeaderParameters,
} from 'jose';

/** The keys cannot be fetched, and none are known from before. */
export class KeysUnavailable extends Error {}

/** After so long they are fetched again, so that a key that was withdrawn does not stay good. */
const FRESH_MILLISECONDS = 600_000;
/** A key that is not known, or a provider that is down, makes us ask no more often than this. */
const ASK_AGAIN_MILLISECONDS = 60_000;
const FIRST_ASK_AGAIN_MILLISECONDS = 1000;

type KeyLookup = (header: JWSHeaderParameters, token: FlattenedJWSInput) => Promise<CryptoKey>;

/** The public keys of an identity provider. The last that could be fetched stay good while it is away. */
export class JwksCache {
  private lookup: KeyLookup | undefined;
  private fetchedAt = -Infinity;
  private askedAt = -Infinity;
  private asking: Promise<void> | undefined;

  /**
   * @param fetchKeys asks the provider
   * @param now milliseconds, never going back
   */
  constructor(
    private readonly fetchKeys: () => Promise<JSONWebKeySet>,
    private readonly now: () => number,
  ) {}

  /**
   * The key that a token says it is signed with.
   * @throws KeysUnavailable; JOSEError when there is no such key
   */
  async keyFor(header: JWSHeaderParameters, token: FlattenedJWSInput): Promise<CryptoKey> {
    if (this.lookup === undefined || this.now() - this.fetchedAt >= FRESH_MILLISECONDS) await this.refresh();
    if (this.lookup === undefined) throw new KeysUnavailable('the keys of the identity provider cannot be fetched');
    try {
      return await this.lookup(header, token);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw error;
      await this.refresh();
      return this.lookup(header, token);
    }
  }

  /** Fetches the keys, unless that was just tried; one question at a time. */
  private async refresh(): Promise<void> {
    const pause = this.lookup === undefined ? FIRST_ASK_AGAIN_MILLISECONDS : ASK_AGAIN_MILLISECONDS;
    if (!this.asking && this.now() - this.askedAt < pause) return;
    this.asking ??= this.ask().finally(() => (this.asking = undefined));
    await this.asking;
  }

  private async ask(): Promise<void> {
    this.askedAt = this.now();
    try {
      this.lookup = createLocalJWKSet(await this.fetchKeys());
      this.fetchedAt = this.askedAt;
    } catch {
      // Whoever fetches has logged it; what was known before stays in service.
    }
  }
}
