// @ts-check

const LONGEST_SILENCE_MS = 15_000;

/**
 * Fails a load that stands still: an answer that never comes is wrong too.
 * @param {() => number} count
 * @param {(error: Error) => void} fail
 * @returns {{ stop: () => void }}
 */
export function watchProgress(count, fail) {
  let last = -1;
  const timer = setInterval(() => {
    const now = count();
    if (now === last) fail(new Error(`no answer for ${LONGEST_SILENCE_MS / 1000} s`));
    last = now;
  }, LONGEST_SILENCE_MS);
  return { stop: () => clearInterval(timer) };
}
