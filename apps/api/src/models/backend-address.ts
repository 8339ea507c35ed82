import dns from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';

/**
 * What answers there is no model, but may hand out the machine's credentials: link-local addresses, at which clouds keep
 * their metadata (RFC 3927, RFC 4291), the addresses that some of them have elsewhere, multicast, and what leads to a
 * link-local IPv4 address by translation (RFC 6052, RFC 3056). Private and loopback addresses are where backends live.
 */
const refusedNetworks = [
  '169.254.0.0/16',
  'fe80::/10',
  // Azure, Alibaba, Oracle; AWS and Google over IPv6.
  '168.63.129.16/32',
  '100.100.100.200/32',
  '192.0.0.192/32',
  'fd00:ec2::254/128',
  'fd20:ce::254/128',
  '224.0.0.0/4',
  '255.255.255.255/32',
  'ff00::/8',
  '64:ff9b::a9fe:0/112',
  '2002:a9fe::/32',
  '::a9fe:0/112',
];
/** Names that lead there in every network that has them. */
const refusedNames = new Set(['metadata.google.internal', 'metadata', 'instance-data', 'instance-data.ec2.internal']);

/** A backend leads to an address that no backend may have. */
export class AddressRefused extends Error {
  readonly code = 'MAAS_ADDRESS_REFUSED';

  constructor() {
    super(
      'the address is link-local, multicast or of a metadata service, and UPSTREAM_ALLOWED_NETWORKS does not have it',
    );
  }
}

/** Decides which addresses the gateway connects to, whatever an administrator or a name server says. */
export class BackendAddresses {
  private readonly refused = networks(refusedNetworks);
  private readonly allowed: BlockList;

  /** @param allowed addresses and CIDR ranges that are connected to all the same */
  constructor(allowed: readonly string[]) {
    this.allowed = networks(allowed);
  }

  /** Whether this IP address is never connected to. */
  refuses(address: string): boolean {
    // A zone (`fe80::1%eth0`) says by which interface, not to whom.
    const [bare = ''] = address.split('%');
    const family = isIP(bare) === 4 ? 'ipv4' : 'ipv6';
    return this.refused.check(bare, family) && !this.allowed.check(bare, family);
  }

  /** Whether the host of a URL can be told to lead there without asking anybody. A name may still turn out to. */
  refusesHost(url: string): boolean {
    const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
    return isIP(host) === 0 ? refusedNames.has(host.replace(/\.$/, '')) : this.refuses(host);
  }

  /**
   * Resolves a name for a connection: what is connected to is what was checked, so that a name server cannot change its
   * answer in between (DNS rebinding).
   */
  readonly lookup: LookupFunction = (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error) return callback(error, []);
      const usable = found.filter(({ address }) => !this.refuses(address));
      const [first] = usable;
      if (!first) return callback(new AddressRefused(), []);
      if (options.all) callback(null, usable);
      else callback(null, first.address, first.family);
    });
  };
}

function networks(list: readonly string[]): BlockList {
  const found = new BlockList();
  for (const network of list) {
    const [address = '', bits] = network.split('/');
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (bits === undefined) found.addAddress(address, family);
    else found.addSubnet(address, Number(bits), family);
  }
  return found;
}
