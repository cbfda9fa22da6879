import { generateKeyPairSync, type KeyObject, createPublicKey, sign } from 'node:crypto';
import { keyIdOf, publicKeyText } from '../ed25519.ts';
import type { Signer, TreeHead } from '../signer.ts';

/** A key that ends with the process, or that was read by others. */
export class MemorySigner implements Signer {
  readonly publicKey: string;
  readonly keyId: string;
  readonly #key: KeyObject;
  #lastSigned: TreeHead | undefined;

  /** @param key an Ed25519 private key; a new one when absent */
  constructor(key: KeyObject = generateKeyPairSync('ed25519').privateKey) {
    this.#key = key;
    this.publicKey = publicKeyText(createPublicKey(key));
    this.keyId = keyIdOf(this.publicKey);
  }

  async sign(bytes: Uint8Array): Promise<Uint8Array> {
    return sign(null, bytes, this.#key);
  }

  async lastSigned(): Promise<TreeHead | undefined> {
    return this.#lastSigned;
  }

  async remember(head: TreeHead): Promise<void> {
    this.#lastSigned = head;
  }
}
