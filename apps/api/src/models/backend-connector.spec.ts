import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { ConfigError, readConfig } from '../config.js';
import { eventually } from '../../test/streams.js';
import { backendConnector } from './backend-connector.js';

const folder = mkdtempSync(join(tmpdir(), 'maas-connector-'));
afterAll(() => rmSync(folder, { recursive: true }));

function connect(hostname: string, port: number): Promise<Error | Socket> {
  const options = { hostname, host: `${hostname}:${port}`, protocol: 'http:', port: String(port) };
  return new Promise((resolve) => {
    backendConnector(readConfig({}))(options, (error, socket) => resolve(error ?? socket ?? new Error('neither')));
  });
}

/** A server that sends to each client as much as that takes, every byte being the number of its block. */
async function pour(): Promise<{ server: Server; port: number }> {
  const server = createServer((socket) => {
    let block = 0;
    const write = () => {
      do block += 1;
      while (socket.write(Buffer.alloc(BLOCK, block % 256)));
    };
    socket.on('drain', write).on('error', () => undefined);
    write();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { server, port: (server.address() as AddressInfo).port };
}

const BLOCK = 100_000;

describe('what comes from a backend', () => {
  it('waits in memory for who does not take it by a few kilobytes, and comes in larger pieces to who takes megabytes', async () => {
    const { server, port } = await pour();
    const socket = (await connect('127.0.0.1', port)) as Socket;
    let read = 0;
    const blockAt = (place: number) => (Math.floor(place / BLOCK) + 1) % 256;
    const take = async (bytes: number) => {
      const lengths: number[] = [];
      for (const end = read + bytes; read < end;) {
        const piece = socket.read() as Buffer | null;
        if (piece) {
          expect([piece[0], piece.at(-1)]).toEqual([blockAt(read), blockAt(read + piece.length - 1)]);
          read += piece.length;
          lengths.push(piece.length);
        } else await once(socket, 'readable');
      }
      return Math.max(...lengths);
    };
    const waiting = async () => {
      let seen = 0;
      await eventually(() => {
        const before = seen;
        seen = socket.readableLength;
        return seen > 0 && seen === before;
      }, 'no more comes');
      return seen;
    };
    expect(await take(1_000_000)).toBeLessThanOrEqual(4096);
    expect(await take(12_000_000)).toBe(16_384);
    expect(await waiting()).toBeLessThanOrEqual(2 * 16_384);
    await take(1);
    expect(await waiting()).toBeLessThanOrEqual(2 * 4096);
    await take(1);
    expect(await take(100_000)).toBeLessThanOrEqual(4096);
    socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  });
});

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
