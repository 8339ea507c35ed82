import { readFile } from 'node:fs/promises';
import { unwatchFile, watchFile } from 'node:fs';
import { join } from 'node:path';
import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { errors, importJWK, type JWTPayload, jwtVerify, SignJWT, type CryptoKey, type JWK } from 'jose';
import { CONFIG, type Config, ConfigError } from '../config.js';
import { Clock } from '../http/clock.js';
import { readOrCreateSecretFile } from './key-files.js';
import { generateSigningKey, parseKeySet, publicJwk, type SigningKey } from './signing-keys.js';

/** Who issues our tokens. */
const ISSUER = 'maas';
const RELOAD_MILLISECONDS = 1000;

/** The claims that every token of ours has. */
export interface TokenClaims {
  sub: string;
  jti: string;
  iat: number;
  exp: number;
}

/** What kind of token: `typ` and `aud` differ, so that one can never pass for the other (RFC 8725 §3.11). */
export interface TokenKind {
  typ: string;
  aud: string;
  /** Whether `iat` has a fraction (RFC 7519 §2, NumericDate): needed where tokens are ended by the instant of their issue. */
  precise: boolean;
}

interface Keys {
  all: SigningKey[];
  signing: { kid: string; key: CryptoKey };
  verifying: Map<string, CryptoKey>;
}

/** Signs and verifies the platform's own JWTs with Ed25519 keys that can be rotated while it runs. */
@Injectable()
export class TokenSignerService implements OnApplicationShutdown {
  private readonly logger = new Logger(TokenSignerService.name);
  private readonly path: string;
  private keys: Keys | undefined;
  /** Counts how often the keys were read: what was verified by earlier ones must be verified again. */
  generation = 0;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(Clock) private readonly clock: Clock,
  ) {
    this.path = config.SIGNING_KEYS_FILE ?? join(config.MAAS_DATA_DIR, 'signing-keys.json');
  }

  /** Reads the keys, making a first one where none was given, and reads them again whenever the file changes. */
  async start(): Promise<void> {
    try {
      const text = this.config.SIGNING_KEYS_FILE
        ? await readFile(this.path, 'utf8')
        : await readOrCreateSecretFile(this.path, async () => JSON.stringify({ keys: [await generateSigningKey()] }));
      this.keys = await importKeys(parseKeySet(text, this.path));
    } catch (error) {
      throw new ConfigError(`SIGNING_KEYS_FILE, or what stands for it, cannot be used: ${(error as Error).message}`);
    }
    watchFile(this.path, { interval: RELOAD_MILLISECONDS, persistent: false }, () => void this.reload());
  }

  onApplicationShutdown(): void {
    unwatchFile(this.path);
  }

  /** @param lifetime seconds */
  async sign(
    kind: TokenKind,
    subject: string,
    jti: string,
    lifetime: number,
  ): Promise<{ token: string; claims: TokenClaims }> {
    const { signing } = this.loaded();
    const now = this.clock.now() / 1000;
    const iat = kind.precise ? now : Math.floor(now);
    const claims = { sub: subject, jti, iat, exp: Math.floor(now) + lifetime };
    const token = await new SignJWT({ ...claims, iss: ISSUER, aud: kind.aud })
      .setProtectedHeader({ alg: 'EdDSA', typ: kind.typ, kid: signing.kid })
      .sign(signing.key);
    return { token, claims };
  }

  /**
   * Checks signature, algorithm, kind, issuer, audience and times.
   * @returns the claims; `expired` when nothing but the time is wrong; undefined when anything else does not hold
   */
  async verify(kind: TokenKind, token: string): Promise<TokenClaims | 'expired' | undefined> {
    const { verifying } = this.loaded();
    if (!hasOnlySpelling(token)) return undefined;
    try {
      const { payload } = await jwtVerify(
        token,
        (header) => {
          const key = verifying.get(header.kid ?? '');
          if (!key) throw new Error('unknown kid');
          return key;
        },
        {
          algorithms: ['EdDSA'],
          typ: kind.typ,
          issuer: ISSUER,
          audience: kind.aud,
          requiredClaims: ['sub', 'jti', 'iat', 'exp'],
          currentDate: new Date(this.clock.now()),
        },
      );
      return claimsOf(payload);
    } catch (error) {
      // jose looks at the times only after the signature has been found good.
      return error instanceof errors.JWTExpired ? 'expired' : undefined;
    }
  }

  /** Says by a look alone whether a token names one of our keys; nothing is verified. */
  signed(token: string): boolean {
    return this.loaded().verifying.has(String(headerOf(token)['kid']));
  }

  /** Says by a look alone whether a token claims to be of a kind of ours; nothing is verified. */
  claimsToBe(kind: TokenKind, token: string): boolean {
    return headerOf(token)['typ'] === kind.typ;
  }

  jwks(): { keys: JWK[] } {
    return { keys: this.loaded().all.map(publicJwk) };
  }

  /** By which other processes know the keys: of the one that signs, and of all. */
  get fingerprints(): { readonly signing: string; readonly all: readonly string[] } {
    const { all, signing } = this.loaded();
    const known = new Map(all.map(({ kid, x }) => [kid, `${kid}:${x}`]));
    return { signing: known.get(signing.kid) ?? '', all: [...known.values()] };
  }

  private async reload(): Promise<void> {
    try {
      this.keys = await importKeys(parseKeySet(await readFile(this.path, 'utf8'), this.path));
      this.generation += 1;
      this.logger.log(`Signing keys read again: ${this.keys.all.length}, signing with ${this.keys.signing.kid}`);
    } catch (error) {
      this.logger.error(`Signing keys not read again, the ones before stay in service: ${(error as Error).message}`);
    }
  }

  private loaded(): Keys {
    if (!this.keys) throw new Error('signing keys are not loaded yet');
    return this.keys;
  }
}

async function importKeys(all: SigningKey[]): Promise<Keys> {
  const verifying = new Map<string, CryptoKey>();
  for (const key of all) verifying.set(key.kid, (await importJWK(publicJwk(key), 'EdDSA')) as CryptoKey);
  const first = all.find((key) => key.retired_at === undefined);
  if (!first) throw new Error('there is no signing key that is not retired');
  const { kty, crv, x, d } = first;
  return {
    all,
    verifying,
    signing: { kid: first.kid, key: (await importJWK<JWK>({ kty, crv, x, d }, 'EdDSA')) as CryptoKey },
  };
}

function claimsOf({ sub, jti, iat, exp }: JWTPayload): TokenClaims | undefined {
  if (!sub || !jti || iat === undefined || exp === undefined) return undefined;
  return { sub, jti, iat, exp };
}

/** Some bits of a signature's last character mean nothing, nor does padding: of several spellings only one is a token. */
function hasOnlySpelling(token: string): boolean {
  const signature = token.slice(token.lastIndexOf('.') + 1);
  return Buffer.from(signature, 'base64url').toString('base64url') === signature;
}

function headerOf(token: string): Record<string, unknown> {
  try {
    const header = JSON.parse(Buffer.from(token.slice(0, token.indexOf('.')), 'base64url').toString()) as unknown;
    return typeof header === 'object' && header !== null ? (header as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}
