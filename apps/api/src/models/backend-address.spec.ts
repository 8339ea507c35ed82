import dns from 'node:dns';
import { afterEach, describe, expect, it, jest } from '@jest/globals';
import { BackendAddresses } from './backend-address.js';

const addresses = new BackendAddresses([]);
afterEach(() => {
  jest.restoreAllMocks();
});

describe('the address of a backend', () => {
  it.each([
    '169.254.169.254',
    '169.254.0.0',
    '169.254.255.255',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '64:ff9b::169.254.169.254',
    '2002:a9fe:a9fe::1',
    '::169.254.169.254',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    'fd20:ce::254',
    '168.63.129.16',
    '100.100.100.200',
    '192.0.0.192',
    '224.0.0.1',
    '239.255.255.255',
    '255.255.255.255',
    'ff02::1',
  ])('is not %s', (address) => {
    expect(addresses.refuses(address)).toBe(true);
  });

  it.each([
    '127.0.0.1',
    '::1',
    '0.0.0.0',
    '10.0.0.1',
    '172.16.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '169.253.255.255',
    '169.255.0.0',
    'fd00::1',
    'fec0::1',
    '8.8.8.8',
    '2606:4700::1111',
    '::ffff:10.0.0.1',
  ])('may be %s', (address) => {
    expect(addresses.refuses(address)).toBe(false);
  });

  it('may be what is allowed by name of its network, and nothing beside it', () => {
    const some = new BackendAddresses(['169.254.10.0/24', 'fe80::7']);
    expect(['169.254.10.9', '169.254.11.9', 'fe80::7', 'fe80::8'].map((address) => some.refuses(address))).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });

  it.each([
    ['http://169.254.169.254/', true],
    ['http://0xa9.0xfe.0xa9.0xfe:80/', true],
    ['http://[fe80::1]:8000/v1', true],
    ['http://Metadata.Google.Internal./', true],
    ['http://metadata.example.com/', false],
    ['http://vllm.models.svc:8000/v1', false],
  ])('is told from the URL where it can be: %s', (url, refused) => {
    expect(addresses.refusesHost(url)).toBe(refused);
  });
});

describe('the lookup of a name', () => {
  const found = (...list: string[]) => list.map((address) => ({ address, family: address.includes(':') ? 6 : 4 }));
  /** What a connection is told, where the name servers say so. */
  const lookUp = (says: Error | ReturnType<typeof found>, all: boolean) =>
    new Promise<unknown[]>((resolve) => {
      jest
        .spyOn(dns, 'lookup')
        .mockImplementation(((_name: string, _options: object, answer: (...results: unknown[]) => void) =>
          says instanceof Error ? answer(says) : answer(null, says)) as typeof dns.lookup);
      addresses.lookup('name.test', { all }, (error, ...rest) => resolve([error && error.code, ...rest]));
    });

  it('gives what may be connected to, and nothing else', async () => {
    const several = found('169.254.1.1', '10.0.0.1', 'fe80::1', '::1');
    expect(await lookUp(several, true)).toEqual([null, found('10.0.0.1', '::1')]);
    expect(await lookUp(several, false)).toEqual([null, '10.0.0.1', 4]);
  });

  it('fails where nothing is left, and where the name is not known', async () => {
    expect(await lookUp(found('169.254.1.1'), true)).toEqual(['MAAS_ADDRESS_REFUSED', []]);
    expect(await lookUp(found(), true)).toEqual(['MAAS_ADDRESS_REFUSED', []]);
    const unknown = Object.assign(new Error('not found'), { code: 'ENOTFOUND' });
    expect(await lookUp(unknown, true)).toEqual(['ENOTFOUND', []]);
  });
});
