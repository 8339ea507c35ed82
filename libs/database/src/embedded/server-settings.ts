export interface ServerSettings {
  port: number;
  /** False trades safety against crashes of the machine for speed; for data that nobody will miss. */
  durable: boolean;
}

/**
 * Settings for a server beside its only client, on a laptop: no replication, little memory, few processes.
 * Given on the command line, so that a later release may change them for a cluster that exists.
 */
const SMALL: Record<string, string> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '100',
  shared_buffers: '64MB',
  max_wal_size: '256MB',
  min_wal_size: '32MB',
  // Nobody copies this server: less to write, and no processes that wait for subscribers.
  wal_level: 'minimal',
  max_wal_senders: '0',
  max_logical_replication_workers: '0',
  // Instead of three processes that read ahead.
  io_method: 'sync',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
  log_checkpoints: 'off',
  lc_messages: 'C',
  timezone: 'UTC',
  log_timezone: 'UTC',
};

const NOT_DURABLE: Record<string, string> = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/** The arguments of `postgres`. */
export function serverArguments(clusterDir: string, { port, durable }: ServerSettings): string[] {
  const settings = { ...SMALL, ...(durable ? {} : NOT_DURABLE), port: String(port) };
  return ['-D', clusterDir, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
}
