const passing = new Set(['EMFILE', 'ENFILE', 'ENOMEM', 'EAGAIN']);

/** Whether it is this process, or the system, that can read no file at the moment: no descriptor is free, or no memory. */
export function isPassing(error: unknown): boolean {
  return passing.has(String((error as NodeJS.ErrnoException).code));
}
