import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import {
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  closeSync,
  fsyncSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { messageOf, newId, strictBase64, systemCodeOf } from '#kernel';
import { AppFault } from './app-fault.ts';

const algorithm = 'aes-256-gcm';

const sealed = z.record(z.string(), z.strictObject({ iv: z.string(), tag: z.string(), text: z.string() }));

/** What does not belong into the bucket: the signing key, the key that seals passwords, sealed passwords, the token's hash. */
export class Secrets {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Makes the folder where it is missing: to be called before a key file is made in it. */
  prepare(): void {
    mkdirSync(this.#folder, { recursive: true, mode: 0o700 });
  }

  path(name: string): string {
    return join(this.#folder, name);
  }

  read(name: string): string | undefined {
    return existsSync(this.path(name)) ? readFileSync(this.path(name), 'utf8') : undefined;
  }

  /** Whole or not at all, durable on return. */
  write(name: string, text: string): void {
    this.prepare();
    const temporary = this.path(`.${name}.new`);
    const handle = openSync(temporary, 'w', 0o600);
    try {
      writeFileSync(handle, text);
      fsyncSync(handle);
    } finally {
      closeSync(handle);
    }
    renameSync(temporary, this.path(name));
    syncFolder(this.#folder);
  }

  /** What was written first, by whichever process. */
  readOrCreate(name: string, create: () => string): string {
    const known = this.read(name);
    if (known !== undefined) return known;
    this.prepare();
    const temporary = this.path(`.${name}.${newId()}`);
    writeFileSync(temporary, create(), { mode: 0o600, flush: true });
    try {
      linkSync(temporary, this.path(name));
    } catch (thrown) {
      if (systemCodeOf(thrown) !== 'EEXIST') throw thrown;
    } finally {
      rmSync(temporary);
    }
    syncFolder(this.#folder);
    return this.read(name) ?? '';
  }

  /** Keeps a source's password under AES-256-GCM, bound to the source's id. */
  seal(source: string, password: string): void {
    const iv = randomBytes(12);
    const cipher = createCipheriv(algorithm, this.#sealKey() ?? this.#newSealKey(), iv).setAAD(Buffer.from(source));
    const text = Buffer.concat([cipher.update(password, 'utf8'), cipher.final()]).toString('base64');
    const record = { iv: iv.toString('base64'), tag: cipher.getAuthTag().toString('base64'), text };
    this.write('passwords.json', `${JSON.stringify({ ...this.#sealed(), [source]: record }, null, 1)}\n`);
  }

  /** @throws AppFault `secret-damaged` */
  unseal(source: string): string {
    const record = this.#sealed()[source];
    if (record === undefined) throw damaged(`there is no password for source ${source}`);
    const key = this.#sealKey();
    if (key === undefined) throw damaged('the seal key is missing');
    try {
      // Without a fixed length, a tag cut to four bytes would be accepted.
      const decipher = createDecipheriv(algorithm, key, bytesOf(record.iv), { authTagLength: 16 });
      decipher.setAAD(Buffer.from(source)).setAuthTag(bytesOf(record.tag));
      return Buffer.concat([decipher.update(bytesOf(record.text)), decipher.final()]).toString('utf8');
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

  /** @throws AppFault `secret-damaged` */
  #sealKey(): Buffer | undefined {
    const text = this.read('seal-key');
    if (text === undefined) return undefined;
    const key = strictBase64(text.trimEnd());
    if (key?.length === 32) return Buffer.from(key);
    throw damaged('the seal key is not 32 bytes');
  }

  #newSealKey(): Buffer {
    const key = randomBytes(32);
    this.write('seal-key', `${key.toString('base64')}\n`);
    return key;
  }
}

function bytesOf(base64: string): Uint8Array {
  const bytes = strictBase64(base64);
  if (bytes !== undefined) return bytes;
  throw new Error('it is not base64');
}

/** What was renamed in a folder stays renamed. */
function syncFolder(folder: string): void {
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function damaged(problem: string): AppFault {
  return new AppFault('secret-damaged', `A stored password cannot be unsealed: ${problem}.`, {
    remedy: 'Restore the secrets folder, or add the source again with its password.',
  });
}
