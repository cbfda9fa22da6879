import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { describeVariant } from '../describe-variant.ts';
import { ScriptedImapServer } from '../imap-server-script.ts';
import { Muniment } from '../muniment.ts';
import { ServedProgram } from '../served-program.ts';
import { letter } from '../whole-archive.ts';

const anyPort = { LISTEN_PORT: '0' };

describe('muniment serve, configured', () => {
  test.each([
    ['LISTEN_PORT', { LISTEN_PORT: '99999' }],
    ['COLLECT_EVERY_SECONDS', { COLLECT_EVERY_SECONDS: 'often' }],
    ['BACKUP_TO', { BACKUP_CRON: '0 3 * * *' }],
    ['BACKUP_CRON', { BACKUP_TO: 'file:./backup', BACKUP_CRON: 'every day' }],
    ['TLS_KEY_FILE', { TLS_CERT_FILE: 'cert.pem' }],
    ['TLS_CERT_FILE', { TLS_CERT_FILE: 'absent.pem', TLS_KEY_FILE: 'absent.pem', LISTEN_PORT: '0' }],
    ['CONNECT_ALLOW', { CONNECT_ALLOW: '10.0.0.0/99', LISTEN_PORT: '0' }],
  ])('a wrong %s is refused by its name', async (name, env) => {
    await using program = await Muniment.make({ env });
    const ran = await program.run('serve');
    expect(ran.code).toBe(2);
    expect(ran.json).toHaveLength(1);
    expect(ran.stderr).toContain(name);
    expect(ran.stderr).not.toMatch(/unexpected|defect| at /u);
  });

  test('what is typed wrongly ends with 64, a missing archive with what to do', async () => {
    await using program = await Muniment.make();
    expect(await program.run('status', '--nonsense')).toMatchObject({
      code: 64,
      json: [{ error: 'usage', message: expect.stringContaining('--nonsense') }],
    });
    const missing = await program.run('status');
    expect(missing).toMatchObject({
      code: 2,
      json: [{ error: 'no-archive', remedy: expect.stringContaining('import') }],
    });
    expect(missing.stderr).toContain('There is no archive in');
    expect(existsSync(program.archive)).toBe(false);
  });

  test('a start that fails for a port in use makes no token that nobody saw', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    await using program = await Muniment.make();
    const refused = await program.on(program.archive, { LISTEN_PORT: String(port) }).run('serve');
    expect(refused).toMatchObject({ code: 2, json: [{ error: 'configuration-invalid' }] });
    expect(refused.stderr).toContain('LISTEN_PORT');
    other.close();
    const served = await ServedProgram.start(program.on(program.archive, anyPort));
    expect(served.token).toBeDefined();
    expect((await served.stop()).code).toBe(0);
  });

  test('an archive whose path is too long for a socket is reached all the same', async () => {
    await using program = await Muniment.make({ env: anyPort });
    const deep = program.on(join(program.folder, 'd'.repeat(90), 'e'.repeat(60)));
    const served = await ServedProgram.start(deep);
    expect((await deep.ok('status')).json[0]).toMatchObject({ messages: 0 });
    expect(existsSync(join(deep.archive, 'run', 'control.sock'))).toBe(false);
    expect((await served.stop()).code).toBe(0);
  });

  test('backs up by cron, as a backup that can be restored', async () => {
    await using program = await Muniment.make();
    const backup = program.path('backup');
    const env = { ...anyPort, BACKUP_TO: `file:${backup}`, BACKUP_CRON: '* * * * * *' };
    await mkdir(program.path('mail', 'ada'), { recursive: true });
    await writeFile(program.path('mail', 'ada', '1.eml'), letter(1));
    await program.ok('import', program.path('mail'));
    const served = await ServedProgram.start(program.on(program.archive, env));
    await served.running.until(() => served.running.stderr.includes('"backed up"'));
    expect((await served.stop()).code).toBe(0);
    const restored = program.on(program.path('restored'));
    await restored.ok('restore', '--from', `file:${backup}`);
    expect((await restored.ok('status')).json[0]).toMatchObject({ messages: 1, readOnly: true });
    // Without its signing key, nothing can be recorded, so that nothing could be read.
    const readOnly = await program.on(program.path('restored'), anyPort).run('serve');
    expect(readOnly).toMatchObject({ code: 2, json: [{ error: 'read-only', remedy: expect.any(String) }] });
  });

  test('collects from sources that are added while it runs; a refused login is tried seldom', async () => {
    const messages = new Map([1, 2, 3].map((uid) => [uid, letter(uid)]));
    await using imap = await ScriptedImapServer.start({ uidValidity: '7', messages }, ({ tag, line, socket }) => {
      if (!line.startsWith('LOGIN') || !line.includes('nobody')) return false;
      socket.write(`${tag} NO [AUTHENTICATIONFAILED] no\r\n`);
      return true;
    });
    await using program = await Muniment.make({ env: { ...anyPort, CONNECT_ALLOW: '127.0.0.0/8' } });
    const served = await ServedProgram.start(program);
    const { running } = served;
    await writeFile(program.path('pw'), 'planted-password-91\n');
    const where = ['--host', '127.0.0.1', '--port', String(imap.port), '--tls', 'none', '--custodian', 'ada'];
    const add = (name: string) =>
      program.ok('sources', 'add', 'imap', name, '--user', name, '--password-file', program.path('pw'), ...where);
    await add('ada');
    await running.until(() => running.stderr.includes('"collected"'));
    expect(await served.status(served.token ?? '')).toMatchObject({ code: 200, messages: 3 });
    const { json } = await add('nobody');
    await running.until(() => running.stderr.includes('collection failed'));
    const line = running.stderr.split('\n').find((one) => one.includes('collection failed')) ?? '';
    expect(JSON.parse(line)).toMatchObject({ source: json[0]?.['id'], retrySeconds: 3600 });
    expect((await served.stop()).stderr).not.toContain('planted-password');
    const sealed = await readFile(join(program.archive, 'secrets', 'passwords.json'), 'utf8');
    expect(sealed).not.toContain('planted-password');
  });
});

describeVariant('openssl', 'muniment serve with TLS', () => {
  test('answers by HTTPS with the certificate of its files, and by nothing else', async () => {
    await using program = await Muniment.make();
    const [key, certificate] = [program.path('key.pem'), program.path('cert.pem')];
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2'];
    const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
    execFileSync('openssl', ['req', '-x509', ...newKey, '-out', certificate, ...subject], { stdio: 'pipe' });
    const env = { ...anyPort, TLS_CERT_FILE: certificate, TLS_KEY_FILE: key };
    const served = await ServedProgram.start(program.on(program.archive, env));
    expect(served.url).toMatch(/^https:/u);
    const ca = await readFile(certificate);
    const [response] = (await once(get(`${served.url}/readyz`, { ca }), 'response')) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    response.resume();
    await expect(once(get(`${served.url}/readyz`), 'response')).rejects.toThrow('self-signed');
    await expect(fetch(served.url.replace('https:', 'http:'))).rejects.toThrow();
    expect((await served.stop()).code).toBe(0);
  });
});
