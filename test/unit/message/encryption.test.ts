import { describe, expect, test } from '@jest/globals';
import { parseMessage } from '../../../services/message/index.ts';

function isFlagged(fields: string, content: string): boolean {
  const parts = `--b\r\n\r\nbody\r\n--b\r\n${fields}\r\n\r\n${content}\r\n--b--\r\n`;
  const message = `Subject: s\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n${parts}`;
  return parseMessage(Buffer.from(message, 'latin1')).flags.includes('encrypted');
}

/** An archive of empty members with these general purpose flags; `local` is what the members' own headers say. */
function zipOf(central: readonly number[], local: readonly number[] = central): Buffer {
  const name = Buffer.from('member.txt');
  const members = local.map((flags) => {
    const header = Buffer.alloc(30);
    header.write('PK\u0003\u0004', 'latin1');
    header.writeUInt16LE(flags, 6);
    header.writeUInt16LE(name.length, 26);
    return Buffer.concat([header, name]);
  });
  const entries = central.map((flags) => {
    const header = Buffer.alloc(46);
    header.write('PK\u0001\u0002', 'latin1');
    header.writeUInt16LE(flags, 8);
    header.writeUInt16LE(name.length, 28);
    return Buffer.concat([header, name]);
  });
  const end = Buffer.alloc(22);
  end.write('PK\u0005\u0006', 'latin1');
  end.writeUInt32LE(Buffer.concat(members).length, 16);
  return Buffer.concat([...members, ...entries, end]);
}

const ZIP = 'Content-Type: application/zip\r\nContent-Transfer-Encoding: base64';

describe('what is closed is flagged, what is only signed is not', () => {
  test.each([
    ['application/pkcs7-mime; smime-type=enveloped-data', true],
    ['application/pkcs7-mime; smime-type=authEnveloped-data', true],
    ['application/pkcs7-mime; smime-type=compressed-data', true],
    ['application/pkcs7-mime; name=smime.p7m', true],
    ['application/x-pkcs7-mime; smime-type=Signed-Data; name=smime.p7m', false],
    ['application/pkcs7-signature; name=smime.p7s', false],
    ['application/octet-stream; name=smime.p7m', true],
    ['application/octet-stream; name=plan.doc.GPG', true],
    ['text/plain; name=plan.pgp', true],
    ['application/pgp-keys; name=key.gpg', false],
    ['application/pgp-signature; name=mail.pgp', false],
    ['application/octet-stream; name=gpg.txt', false],
  ])('%s', (type, flagged) => {
    expect(isFlagged(`Content-Type: ${type}`, 'MIIB')).toBe(flagged);
  });

  test.each([
    ['open members', zipOf([0, 8, 0x0806]), false],
    ['a first member that is encrypted', zipOf([1, 0]), true],
    ['a later member that is encrypted', zipOf([0, 0, 9]), true],
    ['a member that only its own header calls encrypted', zipOf([0], [1]), true],
    ['no directory', zipOf([], [1]).subarray(0, 40), true],
    ['an empty archive', zipOf([]), false],
    ['a directory that is cut', zipOf([0, 1]).subarray(0, 100), false],
    ['no archive at all', Buffer.from('PK but not really, though long enough for one'), false],
    ['nothing', Buffer.alloc(0), false],
  ])('a ZIP archive with %s', (_, zip, flagged) => {
    expect(isFlagged(ZIP, zip.toString('base64'))).toBe(flagged);
    expect(isFlagged(ZIP.replace('zip', 'octet-stream; name=a.ZIP'), zip.toString('base64'))).toBe(flagged);
    expect(isFlagged(ZIP.replace('zip', 'octet-stream; name=a.bin'), zip.toString('base64'))).toBe(false);
  });

  test.each([
    ['application/pkcs7-mime; smime-type=signed-data', true],
    ['application/x-pkcs7-mime; smime-type="Signed-Data"; name=smime.p7m', true],
    ['application/pkcs7-signature; name=smime.p7m', true],
    ['application/pkcs7-signature; name=smime.p7s', false],
    ['application/pgp-signature; name=mail.asc', false],
  ])('text within an opaque signature is not read, and flagged so: %s', (type, flagged) => {
    const { flags } = parseMessage(Buffer.from(`Subject: s\r\nContent-Type: ${type}\r\n\r\nMIIB`));
    expect(flags.includes('unreadable-text')).toBe(flagged);
    expect(flags).not.toContain('encrypted');
  });

  test('a directory that names its own place as far beyond the archive is not followed', () => {
    const zip = zipOf([0, 1]);
    zip.writeUInt32LE(0xffff_ffff, zip.length - 6);
    expect(isFlagged(ZIP, zip.toString('base64'))).toBe(false);
  });
});
