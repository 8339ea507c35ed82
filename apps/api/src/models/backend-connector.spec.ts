import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { ConfigError, readConfig } from '../config.js';
import { backendConnector } from './backend-connector.js';

const folder = mkdtempSync(join(tmpdir(), 'maas-connector-'));
afterAll(() => rmSync(folder, { recursive: true }));

function connect(hostname: string, port: number): Promise<Error | Socket> {
  const options = { hostname, host: `${hostname}:${port}`, protocol: 'http:', port: String(port) };
  return new Promise((resolve) => {
    backendConnector(readConfig({}))(options, (error, socket) => resolve(error ?? socket ?? new Error('neither')));
  });
}

describe('a connection to a backend', () => {
  it('B7: is asked for signs of life by the kernel, so that a dead one is noticed', async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const keepAlive = jest.spyOn(Socket.prototype, 'setKeepAlive');
    const socket = await connect('127.0.0.1', (server.address() as AddressInfo).port);
    expect(keepAlive.mock.calls).toEqual([[true, 30_000]]);
    if (socket instanceof Socket) socket.destroy();
    server.close();
  });

  it('B13: is not even begun where the address is refused', async () => {
    const opened = jest.spyOn(Socket.prototype, 'connect');
    expect(await connect('169.254.169.254', 80)).toMatchObject({ code: 'MAAS_ADDRESS_REFUSED' });
    expect(opened).not.toHaveBeenCalled();
  });

  it('needs certificates in UPSTREAM_CA_FILE, where there is one', () => {
    const empty = join(folder, 'empty.pem');
    writeFileSync(empty, 'none');
    for (const path of [empty, join(folder, 'missing.pem')]) {
      expect(() => backendConnector(readConfig({ UPSTREAM_CA_FILE: path }))).toThrow(ConfigError);
    }
  });
});
