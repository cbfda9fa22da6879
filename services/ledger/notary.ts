import type { Chain } from './chain.ts';
import { makeCheckpoint } from './checkpoint.ts';
import { damagedBatch } from './batch-file.ts';
import { type HashTiles, rootAt } from './hash-tiles.ts';
import { hexOf, leafHashesOf } from './head.ts';
import { LedgerFault } from './ledger-fault.ts';
import { consistencyProof, verifyConsistency } from './proof.ts';
import type { Signer, TreeHead } from './signer.ts';
import { Frontier } from './tree.ts';

/**
 * Signs checkpoints: of committed state only, read back from the store, and never one that contradicts another
 * (C2SP tlog-checkpoint: "A log MUST not sign any checkpoint which is inconsistent with any checkpoint it previously
 * signed").
 */
export class Notary {
  readonly #chain: Chain;
  readonly #signer: () => Signer;
  #last: Promise<unknown> = Promise.resolve();
  /** The checkpoint made last: proofs for many entries ask for the same one. */
  #made:
    { readonly size: number; readonly root: string; readonly publicKey: string; readonly text: string } | undefined;

  constructor(chain: Chain, signer: () => Signer) {
    this.#chain = chain;
    this.#signer = signer;
  }

  /** One after the other, so that each sees what the one before it signed. */
  checkpoint(tiles: HashTiles, size: number): Promise<string> {
    const made = this.#last.then(() => this.#sign(tiles, size));
    this.#last = made.catch(() => undefined);
    return made;
  }

  async #sign(tiles: HashTiles, size: number): Promise<string> {
    const signer = this.#signer();
    const { publicKey } = signer;
    const made = this.#made?.size === size && this.#made.publicKey === publicKey ? this.#made : undefined;
    if (made !== undefined && made.root === hexOf(rootAt(tiles, size))) return made.text;
    const committed = await this.#committedRoot(size);
    if (hexOf(rootAt(tiles, size)) !== committed) throw inconsistent('the hash tiles are not those of the ledger');
    const head = { size, root: committed };
    const signed = await signer.lastSigned();
    if (signed !== undefined) checkConsistent(tiles, signed, head);
    if (signed === undefined || size > signed.size) await signer.remember(head);
    const text = await makeCheckpoint({ origin: this.#chain.head.key.origin, ...head }, signer);
    this.#made = { ...head, publicKey, text };
    return text;
  }

  /** The root of the first `size` entries as the store has them now. */
  async #committedRoot(size: number): Promise<string> {
    if (!(Number.isInteger(size) && size > 0 && size <= this.#chain.size)) throw notCommitted(size);
    const first = await this.#chain.firstOfBatchWith(size - 1);
    const read = await this.#chain.reader.headAt(first);
    if (read === undefined) throw damagedBatch(first, 'it is missing');
    if (read.head.frontier.size === size) return read.head.root;
    const before = first === 0 ? Frontier.empty : await this.#frontierBefore(first);
    return hexOf(before.append(leafHashesOf(read.batch.file.lines.slice(0, size - first))).root());
  }

  async #frontierBefore(first: number): Promise<Frontier> {
    const before = await this.#chain.firstOfBatchWith(first - 1);
    const read = await this.#chain.reader.headAt(before);
    if (read?.head.frontier.size !== first) throw damagedBatch(before, 'it does not reach the next one');
    return read.head.frontier;
  }
}

function checkConsistent(tiles: HashTiles, signed: TreeHead, next: TreeHead): void {
  const [older, newer] = signed.size <= next.size ? [signed, next] : [next, signed];
  const [first, second] = [bytesOf(older), bytesOf(newer)];
  if (!verifyConsistency(first, second, consistencyProof(tiles, older.size, newer.size))) {
    throw inconsistent(`at ${next.size} it does not agree with what was signed at ${signed.size}`);
  }
}

function bytesOf({ root, size }: TreeHead): { readonly size: number; readonly root: Uint8Array } {
  return { size, root: Buffer.from(root, 'hex') };
}

function inconsistent(problem: string): LedgerFault {
  return new LedgerFault('inconsistent-history', `no checkpoint is signed: ${problem}`, {
    remedy: 'Run `muniment verify`; nothing is signed until the ledger agrees with its earlier checkpoints.',
  });
}

function notCommitted(size: number): LedgerFault {
  return new LedgerFault('not-reached', `the ledger has not reached ${size} entries`, {
    remedy: 'Ask for a size between 1 and the size of the ledger.',
    facts: { size },
  });
}
