import { once } from 'node:events';
import { createServer } from 'node:net';
import type { Config } from '../config.js';

/** Nobody can be served at an address that was asked for; the message says what to do. */
export class AddressUnusable extends Error {}

/**
 * Looks whether the addresses that are to be listened on can be, before anything else is begun: a first start that fails
 * later has made accounts already, whose password nobody gets to see.
 * @throws AddressUnusable
 */
export async function requireAddresses({ HOST, PORT, METRICS_HOST, METRICS_PORT }: Config): Promise<void> {
  await requireAddress(HOST, PORT, '');
  if (METRICS_PORT !== undefined) await requireAddress(METRICS_HOST ?? HOST, METRICS_PORT, 'METRICS_');
}

async function requireAddress(host: string, port: number, prefix: string): Promise<void> {
  const server = createServer();
  try {
    await once(server.listen({ host, port }), 'listening');
  } catch (error) {
    throw new AddressUnusable(problemWith(host, port, prefix, (error as NodeJS.ErrnoException).code));
  }
  server.close();
  await once(server, 'close');
}

function problemWith(host: string, port: number, prefix: string, code = ''): string {
  if (code === 'EADDRINUSE') return portInUse(port, prefix);
  if (code === 'EACCES') {
    return `Port ${port} is for privileged programs alone; set ${prefix}PORT to one above 1023`;
  }
  return `Nothing can listen on ${host} (${code}); set ${prefix}HOST to an address of this machine, or leave it out`;
}

/** @param prefix of the settings of that port */
export function portInUse(port: number | undefined, prefix = ''): string {
  return `Port ${port} is in use by another program; stop it or set ${prefix}PORT to another one`;
}
