/** Bytes that belong to whoever takes them: they are given once, and not kept. */
export class HandedOver implements Iterable<Buffer> {
  private bytes: Buffer | undefined;

  constructor(bytes: Buffer) {
    this.bytes = bytes;
  }

  *[Symbol.iterator](): Iterator<Buffer> {
    const { bytes } = this;
    this.bytes = undefined;
    if (bytes) yield bytes;
  }
}
