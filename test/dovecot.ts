import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chown, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { promisify } from 'node:util';
import { commandPath } from '../scripts/command-path.ts';

/** A real Dovecot 2.3 on 127.0.0.1, with its own folder (variant `dovecot`). Any user logs in with the password `secret`. */
export class Dovecot implements AsyncDisposable {
  readonly port: number;
  readonly #folder: string;
  readonly #process: ChildProcess;
  #delivered = 0;

  private constructor(port: number, folder: string, process: ChildProcess) {
    this.port = port;
    this.#folder = folder;
    this.#process = process;
  }

  static async start(): Promise<Dovecot> {
    const folder = await mkdtemp(join(tmpdir(), 'muniment-dovecot-'));
    const port = await freePort();
    const owner = mailOwner();
    await mkdir(join(folder, 'mail'));
    await chown(join(folder, 'mail'), owner.uid, owner.gid);
    await writeFile(join(folder, 'dovecot.conf'), configuration(folder, port));
    spawnSync('chmod', ['755', folder]);
    const process = spawn(commandPath('dovecot') ?? 'dovecot', ['-F', '-c', join(folder, 'dovecot.conf')], {
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const dovecot = new Dovecot(port, folder, process);
    await dovecot.#ready();
    return dovecot;
  }

  /** Puts messages into a mailbox as a delivery agent does: files in `new/`. Dovecot numbers them when it next looks. */
  async deliver(user: string, mailbox: string, messages: readonly Buffer[]): Promise<void> {
    if (mailbox !== 'INBOX') await this.doveadm('mailbox', 'create', '-u', user, mailbox).catch(() => undefined);
    const maildir = join(this.#folder, 'mail', user, mailbox === 'INBOX' ? '' : `.${mailbox.replaceAll('/', '.')}`);
    const owner = mailOwner();
    for (const part of ['', 'cur', 'new', 'tmp']) {
      const made = await mkdir(join(maildir, part), { recursive: true, mode: 0o700 });
      if (made !== undefined || part === '') await chown(join(maildir, part), owner.uid, owner.gid);
    }
    for (const message of messages) {
      this.#delivered += 1;
      const name = `17000${String(this.#delivered).padStart(5, '0')}.M1P1.test`;
      await writeFile(join(maildir, 'new', name), message);
      await chown(join(maildir, 'new', name), owner.uid, owner.gid);
    }
  }

  async doveadm(...words: string[]): Promise<string> {
    const { stdout } = await promisify(execFile)(commandPath('doveadm') ?? 'doveadm', [
      '-c',
      join(this.#folder, 'dovecot.conf'),
      ...words,
    ]);
    return stdout;
  }

  async log(): Promise<string> {
    return await readFile(join(this.#folder, 'dovecot.log'), 'utf8');
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#process.exitCode === null) {
      const exited = once(this.#process, 'exit');
      this.#process.kill('SIGTERM');
      await exited;
    }
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #ready(): Promise<void> {
    for (;;) {
      if (this.#process.exitCode !== null) throw new Error(`dovecot ended at once: ${await this.log()}`);
      if (await answers(this.port)) return;
      await setTimeout(20);
    }
  }
}

async function answers(port: number): Promise<boolean> {
  const socket = connect({ host: '127.0.0.1', port });
  try {
    const [greeting] = await once(socket, 'data');
    return String(greeting).startsWith('* OK');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Dovecot refuses to read mail as root; Debian's package brings this user. */
function mailOwner(): { uid: number; gid: number } {
  const [uid, gid] = ['-u', '-g'].map((what) =>
    Number(spawnSync('id', [what, 'dovenull'], { encoding: 'utf8' }).stdout),
  );
  if (uid === undefined || gid === undefined) throw new Error('there is no user dovenull');
  return { uid, gid };
}

function configuration(folder: string, port: number): string {
  return `
base_dir = ${folder}/run
state_dir = ${folder}/run
log_path = ${folder}/dovecot.log
protocols = imap
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
auth_failure_delay = 0 secs
auth_mechanisms = plain login
mail_location = maildir:${folder}/mail/%u
mail_uid = dovenull
mail_gid = dovenull
first_valid_uid = 1
mail_max_userip_connections = 100
passdb {
  driver = static
  args = password=secret
}
userdb {
  driver = static
  args = uid=dovenull gid=dovenull home=${folder}/mail/%u
}
namespace inbox {
  inbox = yes
  separator = /
}
service imap-login {
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = 0
  }
}
service stats {
  unix_listener stats-reader {
    mode = 0600
  }
  unix_listener stats-writer {
    mode = 0666
  }
}
`;
}
