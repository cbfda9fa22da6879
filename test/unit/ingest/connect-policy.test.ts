import { describe, expect, test } from '@jest/globals';
import { ConnectPolicy } from '../../../services/ingest/connect-policy.ts';

/** A name server that answers each name with what the test says, and counts how often it was asked. */
function dns(answers: Record<string, readonly string[]>) {
  const asked: string[] = [];
  const resolve = async (name: string): Promise<readonly string[]> => {
    asked.push(name);
    const found = answers[name];
    if (found === undefined) throw new Error('ENOTFOUND');
    return await Promise.resolve(found);
  };
  return { asked, resolve };
}

const notPublic = [
  // Loopback, in the spellings that a system's resolver takes.
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '127.255.255.254',
  '0x7f000001',
  '0x7f.1',
  '0177.0.0.1',
  '017700000001',
  '2130706433',
  '127.0.0.1.',
  '::1',
  '[::1]',
  '0:0:0:0:0:0:0:1',
  // The same as IPv4 within IPv6: mapped, compatible, NAT64, 6to4, Teredo.
  '::ffff:127.0.0.1',
  '[::ffff:7f00:1]',
  '::ffff:7f00:1',
  '0:0:0:0:0:ffff:127.0.0.1',
  '::127.0.0.1',
  '::7f00:1',
  '64:ff9b::127.0.0.1',
  '64:ff9b::7f00:1',
  '64:ff9b::10.0.0.1',
  '64:ff9b:1::a00:1',
  '2002:7f00:1::',
  '2002:a00:1::1',
  '2001:0:4136:e378:8000:63bf:3fff:fdd2',
  // Unspecified, private, shared, link-local (cloud metadata), reserved, multicast, broadcast.
  '0.0.0.0',
  '0',
  '::',
  '10.0.0.1',
  '10.255.255.255',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '100.127.255.255',
  '169.254.169.254',
  '0xa9fea9fe',
  '192.0.2.1',
  '198.18.0.1',
  '203.0.113.9',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  'fe80::1',
  'fe80::1%eth0',
  'fc00::1',
  'fd12:3456::1',
  'fec0::1',
  'ff02::1',
  '2001:db8::1',
  '100::1',
  '::ffff:192.168.0.1',
  '::ffff:169.254.169.254',
];

const publicHosts = [
  '93.184.216.34',
  '8.8.8.8',
  '2606:2800:220:1::1',
  '::ffff:8.8.8.8',
  '64:ff9b::8.8.8.8',
  '172.32.0.1',
  '100.128.0.1',
];

describe('invariant 35: connectors reach only hosts that are allowed, at the address that was checked', () => {
  test.each(notPublic)('without a list %s is refused', async (host) => {
    await expect(ConnectPolicy.parse(undefined).check(host, 993)).rejects.toMatchObject({
      code: 'connect-not-allowed',
    });
  });

  test.each(notPublic)('without a list a name that leads to %s is refused', async (address) => {
    const { resolve } = dns({ 'mail.example.org': ['93.184.216.34', address.replace(/[[\]]/gu, '')] });
    const policy = ConnectPolicy.parse(undefined, resolve);
    await expect(policy.check('mail.example.org', 993)).rejects.toMatchObject({ code: 'connect-not-allowed' });
  });

  test.each(publicHosts)('without a list %s is allowed', async (host) => {
    const checked = await ConnectPolicy.parse(undefined).check(host, 993);
    expect(checked.addresses).toHaveLength(1);
    expect(checked.serverName).toBeUndefined();
  });

  test('with a list only what it names is allowed', async () => {
    const { resolve } = dns({
      'mail.example.org': ['93.184.216.34'],
      'deep.sub.example.org': ['93.184.216.35'],
      'example.org': ['93.184.216.36'],
      'other.example.net': ['93.184.216.37'],
      'office.lan': ['10.1.2.3'],
    });
    const policy = ConnectPolicy.parse(
      'mail.example.org, *.sub.example.org 10.1.0.0/16 [fd00::]:143, 127.0.0.1:1143',
      resolve,
    );
    const allowed = async (host: string, port: number): Promise<boolean> =>
      await policy.check(host, port).then(
        () => true,
        () => false,
      );
    expect(await allowed('mail.example.org', 993)).toBe(true);
    expect(await allowed('MAIL.Example.ORG.', 993)).toBe(true);
    expect(await allowed('deep.sub.example.org', 993)).toBe(true);
    expect(await allowed('office.lan', 993)).toBe(true);
    expect(await allowed('10.1.255.255', 993)).toBe(true);
    expect(await allowed('fd00::', 143)).toBe(true);
    expect(await allowed('127.0.0.1', 1143)).toBe(true);
    expect(await allowed('127.1', 1143)).toBe(true);
    expect(await allowed('127.0.0.1', 993)).toBe(false);
    expect(await allowed('fd00::', 993)).toBe(false);
    expect(await allowed('10.2.0.1', 993)).toBe(false);
    expect(await allowed('example.org', 993)).toBe(false);
    expect(await allowed('other.example.net', 993)).toBe(false);
    expect(await allowed('93.184.216.34', 993)).toBe(false);
  });

  test('a listed name opens no private address: its name server is not ours', async () => {
    const { resolve } = dns({ 'mail.example.org': ['10.0.0.5'] });
    const check = ConnectPolicy.parse('mail.example.org', resolve).check('mail.example.org', 993);
    await expect(check).rejects.toMatchObject({
      code: 'connect-not-allowed',
      remedy: expect.stringContaining('10.0.0.5'),
    });
  });

  test('localhost on the list means the loopback addresses', async () => {
    const { resolve } = dns({ localhost: ['127.0.0.1', '::1'] });
    const policy = ConnectPolicy.parse('localhost:143', resolve);
    expect((await policy.check('localhost', 143)).addresses).toEqual(['127.0.0.1', '::1']);
    await expect(policy.check('localhost', 25)).rejects.toMatchObject({ code: 'connect-not-allowed' });
  });

  test('an empty list allows nothing', async () => {
    await expect(ConnectPolicy.parse('').check('8.8.8.8', 993)).rejects.toMatchObject({ code: 'connect-not-allowed' });
  });

  test('the name is resolved once, and what was checked is what is connected to', async () => {
    const { asked, resolve } = dns({ 'mail.example.org': ['93.184.216.34', '2606:2800:220:1::1'] });
    const checked = await ConnectPolicy.parse(undefined, resolve).check('mail.example.org', 993);
    expect(asked).toEqual(['mail.example.org']);
    expect(checked).toEqual({
      host: 'mail.example.org',
      port: 993,
      addresses: ['93.184.216.34', '2606:2800:220:1::1'],
      serverName: 'mail.example.org',
    });
  });

  test('a name without an address is not found', async () => {
    const { resolve } = dns({ 'empty.example.org': [] });
    const policy = ConnectPolicy.parse(undefined, resolve);
    await expect(policy.check('absent.example.org', 993)).rejects.toMatchObject({ code: 'host-not-found' });
    await expect(policy.check('empty.example.org', 993)).rejects.toMatchObject({ code: 'host-not-found' });
  });

  test.each(['10.0.0.0/33', '10.0.0.0/x', 'mail.example.org:0', '127.0.0.1:70000', 'a/b', '*', 'fd00::/129'])(
    'a list with %s is refused as a whole',
    (list) => {
      expect(() => ConnectPolicy.parse(list)).toThrow(expect.objectContaining({ code: 'connect-not-allowed' }));
    },
  );
});
