/** What was waited for did not come in time. */
export class NotInTime extends Error {}

/** @throws NotInTime after so many milliseconds */
export function inTime<Result>(work: Promise<Result>, milliseconds: number): Promise<Result> {
  return new Promise((resolve, reject) => {
    // An answer that came while this process was busy is read before it is given up.
    const timer = setTimeout(() => setImmediate(() => reject(new NotInTime())), milliseconds);
    work.then(resolve, reject).finally(() => clearTimeout(timer));
  });
}
