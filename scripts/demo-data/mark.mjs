/** The end of every id that the demo data has, and nothing else: by it all of it is found again. */
const MARK = '8dea-d0da7a';

/** What an id of the demo data is like in SQL. */
export const MARKED = `%-${MARK}%`;

let count = 0;

/** A UUIDv7 of an instant (RFC 9562), with the mark where others are random. @param time Unix milliseconds */
export function markedId(time) {
  const instant = Math.floor(time).toString(16).padStart(12, '0');
  count = (count + 1) % 2 ** 36;
  const high = Math.floor(count / 2 ** 24).toString(16).padStart(3, '0'); // prettier-ignore
  const low = (count % 2 ** 24).toString(16).padStart(6, '0');
  return `${instant.slice(0, 8)}-${instant.slice(8)}-7${high}-${MARK}${low}`;
}
