import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';

const VERSION = 'v1';
const IV_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Seals secrets at rest with AES-256-GCM. A sealed text names its key, so that keys can be changed: the first seals, all
 * open. It is bound to a context (the row it belongs to), so that it cannot be moved to another row.
 */
export class CredentialVault {
  private readonly keys: ReadonlyMap<string, Buffer>;
  private readonly sealingKey: string;

  /**
   * @param setting `id:base64,id:base64`, each key 32 bytes
   * @throws Error when a key has not 32 bytes or is all of one byte
   */
  constructor(setting: string) {
    const entries = setting.trim().split(',').map((entry): [string, Buffer] => {
      const at = entry.indexOf(':');
      const key = Buffer.from(entry.slice(at + 1), 'base64');
      if (at < 1 || key.length !== 32 || new Set(key).size < 8) {
        throw new Error('an encryption key must be id:key, the key 32 random bytes in base64');
      }
      return [entry.slice(0, at), key];
    }); // prettier-ignore
    this.keys = new Map(entries);
    this.sealingKey = entries[0]?.[0] ?? '';
  }

  seal(secret: string, context: string): string {
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv('aes-256-gcm', this.keyOf(this.sealingKey), iv).setAAD(Buffer.from(context));
    const sealed = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    const payload = Buffer.concat([iv, cipher.getAuthTag(), sealed]).toString('base64url');
    return `${VERSION}.${this.sealingKey}.${payload}`;
  }

  /** @throws Error that says of which key it is when that is not known, is another one, or the text was altered or moved */
  open(text: string, context: string): string {
    // The id of a key may hold dots; the version and the payload do not.
    const sealed = /^(?<version>[^.]+)\.(?<id>.+)\.(?<payload>[^.]+)$/.exec(text)?.groups;
    if (sealed?.['version'] !== VERSION) throw new Error('a sealed credential has an unknown version');
    const key = this.keyOf(sealed['id'] ?? '');
    const bytes = Buffer.from(sealed['payload'] ?? '', 'base64url');
    const tag = bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES);
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, IV_BYTES), { authTagLength: TAG_BYTES });
    decipher.setAAD(Buffer.from(context)).setAuthTag(tag);
    const opened = decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES));
    try {
      return Buffer.concat([opened, decipher.final()]).toString('utf8');
    } catch {
      throw new Error(
        `a credential cannot be opened with the key ${sealed['id']}: it was sealed with another key of that name, altered or moved`,
      );
    }
  }

  /** By which other processes know the keys, without learning anything of them; the one that seals first. */
  get fingerprints(): readonly string[] {
    return [...this.keys.keys()].map((id) => `${id}:${this.derive('maas: fingerprint of a key', id).toString('hex')}`);
  }

  /** The id of the key that seals. */
  get keyId(): string {
    return this.sealingKey;
  }

  /**
   * A key for another purpose (HKDF-SHA256, RFC 5869), from which nothing is learned of the one that it is made from.
   * @returns 32 bytes
   * @throws Error when the key is not known
   */
  derive(purpose: string, keyId: string = this.sealingKey): Buffer {
    return Buffer.from(hkdfSync('sha256', this.keyOf(keyId), Buffer.alloc(0), purpose, 32));
  }

  private keyOf(id: string): Buffer {
    const key = this.keys.get(id);
    if (!key) throw new Error(`a credential is sealed with the key ${id}, which ENCRYPTION_KEY does not have`);
    return key;
  }
}
