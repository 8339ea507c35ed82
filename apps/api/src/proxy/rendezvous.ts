/** The 32-bit hash of a text: FNV-1a over its UTF-16 units, finished as MurmurHash3 does so that every bit depends on all. */
export function hash32(text: string, seed: number): number {
  let hash = (0x811c9dc5 ^ seed) | 0;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mixed(hash);
}

function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/**
 * How much a key belongs to a node, by weighted rendezvous hashing (Schindelhauer and Schomaker's logarithmic method): of all
 * nodes the one with the highest score has the key. Each has a part of the keys that is in proportion to its weight, and when
 * one comes or goes no key moves but to or from it.
 * @param key 32 bits @param weight above zero
 */
export function scoreOf(key: number, node: string, weight: number): number {
  // Within (0, 1): neither end, of which there is no use for the logarithm.
  const point = (hash32(node, key) + 0.5) / 0x1_0000_0000;
  return -weight / Math.log(point);
}
