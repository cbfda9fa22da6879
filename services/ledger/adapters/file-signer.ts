import { createPrivateKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { open, readFile, rename } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { messageOf, systemCodeOf } from '#kernel';
import { z } from 'zod';
import { LedgerFault } from '../ledger-fault.ts';
import type { Signer, TreeHead } from '../signer.ts';
import { createFile, replaceFile, syncFolder } from './durable-file.ts';
import { MemorySigner } from './memory-signer.ts';

const stateSchema = z.strictObject({
  publicKey: z.string(),
  root: z.string().regex(/^[0-9a-f]{64}$/u),
  size: z.int().nonnegative(),
});

/** A key in a PKCS8 PEM file (mode 0600), and beside it, as `<file>.state.json`, the last size and root that it signed. */
export class FileSigner implements Signer {
  readonly publicKey: string;
  readonly keyId: string;
  readonly #signer: MemorySigner;
  readonly #file: string;

  private constructor(file: string, key: KeyObject) {
    this.#file = file;
    this.#signer = new MemorySigner(key);
    this.publicKey = this.#signer.publicKey;
    this.keyId = this.#signer.keyId;
  }

  /** Makes a new key in a new file, durable on return. @throws LedgerFault `already-exists` */
  static async create(file: string): Promise<FileSigner> {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' });
    if (!(await createFile(dirname(file), basename(file), Buffer.from(pem), 0o600))) {
      throw new LedgerFault('already-exists', `the key file ${file} is there already`, {
        remedy: 'Use it, or choose another name: a signing key is never overwritten.',
      });
    }
    await syncFolder(dirname(file));
    return new FileSigner(file, privateKey);
  }

  /** @throws LedgerFault `not-found`, `damaged` */
  static async open(file: string): Promise<FileSigner> {
    const pem = await textOf(file);
    if (pem === undefined) {
      throw new LedgerFault('not-found', `there is no signing key at ${file}`, {
        remedy: 'Put the key file back from where it is kept, or continue the ledger as a new epoch under a new key.',
      });
    }
    const key = keyIn(pem, file);
    const signer = new FileSigner(file, key);
    await signer.lastSigned();
    return signer;
  }

  sign(bytes: Uint8Array): Promise<Uint8Array> {
    return this.#signer.sign(bytes);
  }

  /** @throws LedgerFault `damaged`: a signer that forgot what it signed must not sign */
  async lastSigned(): Promise<TreeHead | undefined> {
    const text = await textOf(this.#stateFile);
    if (text === undefined) return undefined;
    const state = stateSchema.safeParse(jsonOf(text));
    if (!state.success || state.data.publicKey !== this.publicKey)
      throw damaged(this.#stateFile, 'not the state of this key');
    return { size: state.data.size, root: state.data.root };
  }

  async remember({ root, size }: TreeHead): Promise<void> {
    const state = JSON.stringify({ publicKey: this.publicKey, root, size });
    await replaceFile(dirname(this.#file), basename(this.#stateFile), Buffer.from(`${state}\n`), 0o600);
  }

  /**
   * Moves the key to another file, and before it what it remembers, so that no other key comes to lie beside that. Done
   * again it completes what was interrupted.
   */
  async moveTo(file: string): Promise<void> {
    if ((await textOf(this.#stateFile)) !== undefined) await rename(this.#stateFile, stateFileOf(file));
    await rename(this.#file, file);
    await syncFolder(dirname(file));
  }

  get #stateFile(): string {
    return stateFileOf(this.#file);
  }
}

function stateFileOf(file: string): string {
  return `${file}.state.json`;
}

function keyIn(pem: string, file: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (thrown) {
    throw damaged(file, messageOf(thrown));
  }
  throw damaged(file, 'not an Ed25519 key');
}

async function textOf(file: string): Promise<string | undefined> {
  try {
    await using handle = await open(file);
    return await readFile(handle, 'utf8');
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return undefined;
    throw new LedgerFault('store-unavailable', `${file} could not be read`, {
      remedy: 'Check the permissions of the key folder.',
      cause: thrown,
    });
  }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function damaged(file: string, problem: string): LedgerFault {
  return new LedgerFault('damaged', `the signing key's file ${file} is damaged: ${problem}`, {
    remedy: 'Put the file back from where the key is kept.',
  });
}
