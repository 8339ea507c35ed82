// @ts-check
// The one table of what is aimed at: each figure that is measured, by its id and its name there, and where the aim is from.

/**
 * @typedef {object} Target
 * @property {string} id
 * @property {string} key the name under which it is measured
 * @property {string} figure
 * @property {string} unit
 * @property {'=' | '≤' | '≥' | '<'} is
 * @property {number} aim
 * @property {string} source
 */

const contract = 'contract: limits';
/** Set in advance, and promised nowhere. */
const aimed = 'aim';
const reserved = 'decision 3';
const shared = 'decision 8';
const outage = 'decision 9';
const underWay = 'decision 10';
const operate = "operator's guide";

/** @type {(id: string, key: string, figure: string, is: Target['is'], aim: number, unit: string, source: string) => Target} */
const row = (id, key, figure, is, aim, unit, source) => ({ id, key, figure, unit, is, aim, source });

/** @type {readonly Target[]} */
export const targets = [
  row('S1', 'answered', 'answered without a 5xx while PostgreSQL is away', '=', 100, '%', outage),
  row('S1', 'lost', 'answered requests without a usage row', '=', 0, 'rows', outage),
  row('S1', 'doubled', 'requests counted twice', '=', 0, 'rows', outage),
  row('S1', 'drained', 'backlog written after the return', '≤', 60, 's', aimed),
  row('S2', 'lost', 'answered requests without a row that says the same', '=', 0, 'rows', operate),
  row('S2', 'under', 'streams under way short of more than 64 tokens and 1 s', '=', 0, 'streams', underWay),
  row('S2', 'over', 'tokens recorded that were not produced', '=', 0, 'tokens', underWay),
  row('S2', 'sums', 'requests by which sums and rows differ', '=', 0, 'rows', underWay),
  row('S3', 'postgres', 'requests let in at the limit, PostgreSQL', '=', 100, 'requests', contract),
  row('S3', 'redis', 'requests let in at the limit, Redis', '=', 100, 'requests', contract),
  row('S3b', 'redis.most', 'most let in, Redis killed', '≤', 100, 'requests', shared),
  row('S3b', 'redis.least', 'fewest let in, Redis killed', '≥', 75, 'requests', shared),
  // What others were let in for since a process was told last cannot be known to it: at most a process's share more.
  row('S3b', 'postgres.most', 'most let in, PostgreSQL killed (100 and a share)', '≤', 125, 'requests', shared),
  row('S3b', 'postgres.least', 'fewest let in, PostgreSQL killed', '≥', 75, 'requests', shared),
  row('S3b', 'other', 'answers other than 200 and 429', '=', 0, 'answers', shared),
  row('S4', 'postgres.overshoot', 'tokens above the limit, PostgreSQL', '<', 390, 'tokens', reserved),
  row('S4', 'redis.overshoot', 'tokens above the limit, Redis', '<', 390, 'tokens', reserved),
  row('S4', 'postgres.leaked', 'holds of killed processes left, PostgreSQL', '=', 0, 'holds', shared),
  row('S4', 'redis.leaked', 'holds of killed processes left, Redis', '=', 0, 'holds', shared),
  row('S5', 'p99', 'revoked until last accepted, p99', '≤', 500, 'ms', aimed),
  row('S5', 'max', 'revoked until last accepted, longest', '≤', 1000, 'ms', 'contract: tokens'),
  row('S5', 'unnoticed', 'the same, longest, without a notification', '≤', 1000, 'ms', 'contract: tokens'),
  row('S6', 'streams', 'streams whole', '=', 100, '%', operate),
  row('S6', 'requests', 'new requests that failed', '=', 0, 'requests', operate),
  row('S7', 'p99', 'client gone until the backend sees it, p99', '≤', 200, 'ms', 'contract: inference'),
  row('S7', 'leaked', 'exchanges and holds left', '=', 0, '', aimed),
  row('S7', 'billed', 'most that billed and produced differ', '≤', 1, 'events', aimed),
  row('S8', 'errors', 'answered with a 5xx of ours', '=', 0, 'answers', aimed),
  row('S8', 'shapes', 'errors that are not in the error shape', '=', 0, 'answers', 'contract: errors'),
  row('S8', 'crashes', 'crashes and unhandled rejections', '=', 0, '', aimed),
  row('S11', 'rss', 'growth of the resident size', '≤', 1, 'MiB/min', aimed),
  row('S11', 'each', 'resident size for each slow reader', '≤', 100, 'KiB', aimed),
  row('S11', 'loop', 'event loop delay, p99', '≤', 50, 'ms', aimed),
  row('S11', 'fast', "change of other clients' p99", '≤', 20, '%', aimed),
  row('S11', 'files', 'file descriptors left', '≤', 0, '', aimed),
  row('S13', 'ids', 'faults B1 to B15 and C1 to C11 that have a test', '=', 26, 'faults', aimed),
  row('S13', 'passed', 'of their tests passed', '=', 100, '%', aimed),
  row('S14', 'postgres', 'let in beyond a limit across jumps, PostgreSQL', '=', 0, 'requests', contract),
  row('S14', 'redis', 'let in beyond a limit across jumps, Redis', '=', 0, 'requests', contract),
  row('S14', 'process', 'let in beyond a limit across jumps, one process', '=', 0, 'requests', contract),
  row('S14', 'expired', 'expired tokens accepted', '=', 0, 'tokens', 'contract: credentials'),
  row('S18', 'replayed', 'requests that a journal replayed has too many', '=', 0, 'rows', underWay),
  row('S18', 'unacknowledged', 'requests that lost acknowledgements have too many', '=', 0, 'rows', underWay),
  row('S20', 'p50', 'added to the time to an answer, p50', '≤', 3, 'ms', aimed),
  row('S20', 'p99', 'added to the time to an answer, p99', '≤', 10, 'ms', aimed),
  row('S22', 'reports', 'slowest report of the dashboard, median', '≤', 1000, 'ms', aimed),
  row('S22', 'touched', 'rows of single requests that reports read', '=', 0, 'rows', aimed),
  row('S22', 'lists', 'slowest list of requests, median', '≤', 1000, 'ms', aimed),
];
