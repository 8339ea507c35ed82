import { Inject, Injectable, Logger, type OnApplicationShutdown } from '@nestjs/common';
import { TokenSignerService } from './auth/token-signer.service.js';
import { CONFIG, type Config } from './config.js';
import { Agreement, markOf } from './database/agreement.js';
import { ProcessMarks } from './database/process-marks.service.js';
import { CredentialVault } from './models/credential-vault.js';
import { ModelDirectory } from './models/model-directory.service.js';

/** "mals" and "male": marks of the key that signs, and of the one that encrypts. */
const SIGNING_TOPIC = 0x6d61_6c73;
const ENCRYPTION_TOPIC = 0x6d61_6c65;
const REVIEW_MILLISECONDS = 10_000;

/**
 * Finds out whether this process has the keys that others on its database use: it must verify what they sign, and open what
 * they seal. Each says which key it uses now, so that keys can be changed one process after the other, as long as all know a
 * new one before any uses it.
 */
@Injectable()
export class KeyAgreement implements OnApplicationShutdown {
  private readonly logger = new Logger('Keys');
  private readonly agreements: readonly Agreement[];
  private timer: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) private readonly config: Config,
    @Inject(ProcessMarks) private readonly marks: ProcessMarks,
    @Inject(TokenSignerService) private readonly signer: TokenSignerService,
    @Inject(CredentialVault) private readonly vault: CredentialVault,
    @Inject(ModelDirectory) private readonly models: ModelDirectory,
  ) {
    this.agreements = [
      this.agreement(
        SIGNING_TOPIC,
        () => this.signer.fingerprints.signing,
        () => this.signer.fingerprints.all,
        'signs tokens with a key that this one does not have: what is signed there is refused here. Give both the same SIGNING_KEYS_FILE',
      ),
      this.agreement(
        ENCRYPTION_TOPIC,
        () => this.vault.fingerprints[0] ?? '',
        () => this.vault.fingerprints,
        'seals credentials with a key that this one does not have: backends whose credentials are set there cannot be used here. ' +
          'Give both the same ENCRYPTION_KEY; a new key is added behind the old one everywhere, before it is put first',
      ),
    ];
  }

  /** What is wrong with the keys; empty: nothing that is known. */
  get troubles(): readonly string[] {
    const differing = this.agreements.flatMap(({ trouble }) => (trouble === undefined ? [] : [trouble]));
    return [...differing, ...this.models.unreadableCredentials];
  }

  /** Looks, and from then on now and then. The embedded database is that of one installation with one folder of keys. */
  async start(): Promise<void> {
    if (this.config.DATABASE_URL === undefined || this.timer) return;
    this.timer = setInterval(() => void this.review(), REVIEW_MILLISECONDS);
    this.timer.unref();
    await this.review();
  }

  onApplicationShutdown(): void {
    clearInterval(this.timer);
  }

  private async review(): Promise<void> {
    await Promise.all(this.agreements.map((agreement) => agreement.review()));
  }

  private agreement(topic: number, used: () => string, known: () => readonly string[], problem: string): Agreement {
    return new Agreement(this.marks, {
      topic,
      own: () => [markOf(used())],
      disagreeing: (others) => {
        const marks = new Set(known().map(markOf));
        return others.find(({ value }) => !marks.has(value));
      },
      describe: ({ holder }) => `Another process (${holder}) on this database ${problem}.`,
      onTrouble: (message) =>
        message === undefined
          ? this.logger.log('The keys that other processes use are known here again')
          : this.logger.error(message),
    });
  }
}
