const passing = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN', 'EBUSY', 'EINTR', 'EIO', 'ETIMEDOUT', 'ESTALE']);

/** Whether a file that could not be read may be read the next time: no descriptor was free, or its volume was away. */
export function isPassing(error: unknown): boolean {
  return passing.has(String((error as NodeJS.ErrnoException).code));
}
