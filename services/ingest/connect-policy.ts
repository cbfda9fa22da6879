import { lookup } from 'node:dns/promises';
import { domainToASCII } from 'node:url';
import ipaddr from 'ipaddr.js';
import { messageOf } from '#kernel';
import { SourceFault } from './source-fault.ts';

type Address = ipaddr.IPv4 | ipaddr.IPv6;

/** One line of an allow list: a range of addresses or a name, at one port or at any. */
type AllowRule =
  | { readonly kind: 'range'; readonly range: Address; readonly bits: number; readonly port: number | undefined }
  | { readonly kind: 'name'; readonly name: string; readonly below: boolean; readonly port: number | undefined };

/** Where to connect to: addresses that were checked, and the name to ask TLS for. */
export interface CheckedHost {
  readonly host: string;
  readonly port: number;
  /** Never empty; connect to these and never resolve the name again. */
  readonly addresses: readonly string[];
  /** Undefined when the host was given as an address. */
  readonly serverName: string | undefined;
}

export type Resolve = (name: string) => Promise<readonly string[]>;

/**
 * Which hosts a connector may reach. Without a list: every public address. With one: what it lists, and nothing else.
 * Loopback, link-local, private, shared and other special addresses only where a range lists them, or `localhost` does:
 * a listed name is somebody's DNS and opens public addresses only.
 */
export class ConnectPolicy {
  readonly #rules: readonly AllowRule[] | undefined;
  readonly #resolve: Resolve;

  private constructor(rules: readonly AllowRule[] | undefined, resolve: Resolve) {
    this.#rules = rules;
    this.#resolve = resolve;
  }

  /**
   * @param list separated by commas or white space: `10.0.0.0/8`, `192.0.2.7:993`, `[fd00::/8]:993`, `::1`, `mail.example.org`,
   *   `*.example.org:993`, `localhost`. Undefined: no list; empty: nothing is allowed.
   * @throws SourceFault `connect-not-allowed` when an item cannot be read
   */
  static parse(list: string | undefined, resolve: Resolve = resolveByDns): ConnectPolicy {
    const items = list?.split(/[\s,]+/u).filter((item) => item !== '');
    return new ConnectPolicy(
      items?.flatMap((item) => rulesOf(item)),
      resolve,
    );
  }

  /**
   * Resolves once and checks every address: one that is not allowed refuses the host.
   * @throws SourceFault `connect-not-allowed`, `host-not-found`
   */
  async check(host: string, port: number): Promise<CheckedHost> {
    const name = normalised(host);
    const literal = addressOf(name);
    const addresses = literal ? [literal] : (await this.#resolved(name)).map((text) => parsed(text, name));
    for (const address of addresses) {
      if (!this.#allows(name, address, port)) throw refused(host, address, port, this.#rules !== undefined);
    }
    return {
      host: name,
      port,
      addresses: addresses.map((address) => address.toString()),
      serverName: literal ? undefined : name,
    };
  }

  async #resolved(name: string): Promise<readonly string[]> {
    const remedy = 'Check the host name and the name server.';
    const addresses = await this.#resolve(name).catch((cause: unknown) => {
      throw new SourceFault('host-not-found', `cannot resolve ${name}: ${messageOf(cause)}`, { remedy, cause });
    });
    if (addresses.length === 0) throw new SourceFault('host-not-found', `${name} has no address`, { remedy });
    return addresses;
  }

  #allows(name: string, address: Address, port: number): boolean {
    if (this.#rules === undefined) return isPublic(address);
    return this.#rules.some((rule) => {
      if (rule.port !== undefined && rule.port !== port) return false;
      return rule.kind === 'range' ? within(address, rule) : isPublic(address) && named(name, rule);
    });
  }
}

/** Brackets, a trailing dot and upper case are spellings of the same host. */
function normalised(host: string): string {
  const bare = host.trim().replace(/^\[(.*)\]$/u, '$1');
  if (addressOf(bare)) return bare;
  return domainToASCII(bare).replace(/\.$/u, '') || bare.toLowerCase();
}

/** An address in any spelling that the system's resolver would take (`127.1`, `0x7f000001`, `2130706433`); IPv4 in IPv6 undone. */
function addressOf(text: string): Address | undefined {
  const trimmed = text.replace(/\.$/u, '');
  return ipaddr.isValid(trimmed) ? ipaddr.process(trimmed) : undefined;
}

function parsed(text: string, name: string): Address {
  const address = addressOf(text);
  if (address) return address;
  throw new SourceFault('host-not-found', `the name server gave no usable address for ${name}`, {
    remedy: 'Check the host name and the name server.',
  });
}

const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3');
const nat64 = ipaddr.IPv6.parseCIDR('64:ff9b::/96');

/** By IANA's special-purpose registries, as ipaddr.js has them; of IPv6 only what lies in 2000::/3 (RFC 4291 §2.4). */
function isPublic(address: Address): boolean {
  if (address instanceof ipaddr.IPv4) return address.range() === 'unicast';
  // RFC 6052: a public IPv4 host as seen from a network that has IPv6 only.
  if (address.match(nat64)) return new ipaddr.IPv4(address.toByteArray().slice(12)).range() === 'unicast';
  return address.match(globalUnicast) && address.range() === 'unicast';
}

function within(address: Address, rule: Extract<AllowRule, { kind: 'range' }>): boolean {
  if (address instanceof ipaddr.IPv4) return rule.range instanceof ipaddr.IPv4 && address.match(rule.range, rule.bits);
  return rule.range instanceof ipaddr.IPv6 && address.match(rule.range, rule.bits);
}

function named(name: string, rule: Extract<AllowRule, { kind: 'name' }>): boolean {
  return rule.below ? name.endsWith(`.${rule.name}`) : name === rule.name;
}

function rulesOf(item: string): AllowRule[] {
  const { host, port } = splitPort(item);
  const range = rangeOf(host);
  if (range) return [{ kind: 'range', ...range, port }];
  const below = /^\*?\./u.test(host);
  const name = domainToASCII(host.replace(/^\*?\./u, '')).replace(/\.$/u, '');
  if (name === 'localhost' && !below)
    return rulesOf('127.0.0.0/8')
      .concat(rulesOf('::1'))
      .map((rule) => ({ ...rule, port }));
  if (name === '' || host.includes('/') || name.includes('*')) throw unreadable(item);
  return [{ kind: 'name', name, below, port }];
}

function splitPort(item: string): { host: string; port: number | undefined } {
  const bracketed = /^\[([^\]]+)\](?::(\d+))?$/u.exec(item);
  // One colon is a port; more are an IPv6 address without one.
  const plain = /^([^:]+):(\d+)$/u.exec(item);
  const [, host = item, digits] = bracketed ?? plain ?? [];
  if (digits === undefined) return { host, port: undefined };
  const port = Number(digits);
  if (port < 1 || port > 65_535) throw unreadable(item);
  return { host, port };
}

function rangeOf(text: string): { range: Address; bits: number } | undefined {
  const [base = '', bits] = text.split('/');
  if (!ipaddr.isValid(base)) return undefined;
  const range = ipaddr.process(base);
  const bitsMax = range instanceof ipaddr.IPv4 ? 32 : 128;
  const count = bits === undefined ? bitsMax : /^\d{1,3}$/u.test(bits) ? Number(bits) : Number.NaN;
  if (!(count <= bitsMax)) throw unreadable(text);
  return { range, bits: count };
}

function unreadable(item: string): SourceFault {
  return new SourceFault('connect-not-allowed', `the list of allowed hosts has an item that cannot be read: ${item}`, {
    remedy: 'Write addresses, ranges such as 10.0.0.0/8, or names, each with :port where only one is meant.',
  });
}

function refused(host: string, address: Address, port: number, listed: boolean): SourceFault {
  const special = isPublic(address) ? '' : ', which is not a public address';
  return new SourceFault(
    'connect-not-allowed',
    `${host} (${address.toString()}, port ${port}) must not be connected to${special}${listed ? ', and is not on the list of allowed hosts' : ''}`,
    { remedy: `Add ${address.toString()} to CONNECT_ALLOW when it is meant.`, facts: { host, port } },
  );
}

async function resolveByDns(name: string): Promise<readonly string[]> {
  const found = await lookup(name, { all: true, order: 'ipv4first' });
  return found.map((entry) => entry.address);
}
