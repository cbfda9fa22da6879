import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  closeSync,
  fsyncSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf } from '#kernel';
import { AppFault } from './app-fault.ts';

const sealed = z.record(z.string(), z.strictObject({ iv: z.string(), tag: z.string(), text: z.string() }));

/** What does not belong into the bucket: the signing key, the key that seals passwords, sealed passwords, the token's hash. */
export class Secrets {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  read(name: string): string | undefined {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : undefined;
  }

  /** Whole or not at all, durable on return. */
  write(name: string, text: string): void {
    const temporary = this.path(`.${name}.new`);
    const handle = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, this.path(name));
  }

  /** Keeps a source's password under AES-256-GCM, bound to the source's id. */
  seal(source: string, password: string): void {
    const iv = randomBytes(12);
    const cipher = createCipheriv('aes-256-gcm', this.#sealKey(), iv).setAAD(Buffer.from(source));
    const text = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]).toString('base64');
    const record = { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), text };
    this.write('passwords.json', `${JSON.stringify({ ...this.#sealed(), [source]: record }, null, 1)}\n`);
  }

  /** @throws AppFault `secret-damaged` */
  unseal(source: string): string {
    const record = this.#sealed()[source];
    if (record === undefined) throw damaged(`there is no password for source ${source}`);
    try {
      const decipher = createDecipheriv('aes-256-gcm', this.#sealKey(), Buffer.from(record.iv, 'base64'));
      decipher.setAAD(Buffer.from(source)).setAuthTag(Buffer.from(record.tag, 'base64'));
      return Buffer.concat([decipher.update(record.text, 'base64'), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw damaged(messageOf(cause));
    }
  }

  #sealed(): z.infer<typeof sealed> {
    const text = this.read('passwords.json');
    if (text === undefined) return {};
    try {
      return sealed.parse(JSON.parse(text));
    } catch {
      // Without the parser's message, which quotes the file.
      throw damaged('the file of passwords cannot be read');
    }
  }

  #sealKey(): Buffer {
    const text = this.read('seal-key');
    if (text !== undefined) {
      const key = Buffer.from(text.trim(), 'base64');
      if (key.length === 32) return key;
      throw damaged('the seal key is not 32 bytes');
    }
    const key = randomBytes(32);
    this.write('seal-key', `${key.toString('base64')}\n`);
    return key;
  }
}

function damaged(problem: string): AppFault {
  return new AppFault('secret-damaged', `A stored password cannot be unsealed: ${problem}.`, {
    remedy: 'Restore the secrets folder, or add the source again with its password.',
  });
}
