import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { describe, expect, it } from '@jest/globals';
import { readBody } from './request-body.js';

const message = () => new IncomingMessage(new Socket());

describe('reading a body', () => {
  it('gives the bytes in their order, however they come', async () => {
    const request = message();
    const body = readBody(request, 100);
    for (const piece of ['one ', 'two ', 'three']) request.push(piece);
    request.push(null);
    expect((await body).toString()).toBe('one two three');
  });

  it('ends with 413 as soon as there is too much of it', async () => {
    const request = message();
    const body = readBody(request, 10);
    request.push('eleven bytes');
    await expect(body).rejects.toMatchObject({ status: 413 });
  });

  it('leaves nothing with a request that was refused, which lasts for as long as its client goes on writing', async () => {
    const request = message();
    const body = readBody(request, 10);
    request.push('eleven bytes');
    await expect(body).rejects.toMatchObject({ status: 413 });
    expect(request.eventNames()).toEqual([]);
  });

  it.each([true, false])('always ends when the client goes away while it is read, all parsed: %s', async (complete) => {
    const request = message();
    const body = readBody(request, 100);
    request.complete = complete;
    request.destroy();
    await expect(body).rejects.toMatchObject({ status: 400 });
  });

  it.each([true, false])('always ends when the client had gone before, all parsed: %s', async (complete) => {
    const request = message();
    request.complete = complete;
    const closed = new Promise((resolve) => request.once('close', resolve));
    request.destroy();
    await closed;
    await expect(readBody(request, 100)).rejects.toMatchObject({ status: 400 });
  });
});
