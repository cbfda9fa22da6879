import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { Recorder } from '#catalog';
import { newId } from '#kernel';
import type { TokenStore } from './token-store.ts';

const prefix = 'mun_';

/** The one bearer token of the HTTP API: shown once, when it is made. */
export class Tokens {
  readonly #recorder: Recorder;
  readonly #store: TokenStore;

  constructor(recorder: Recorder, store: TokenStore) {
    this.#recorder = recorder;
    this.#store = store;
  }

  get exists(): boolean {
    return this.#store.load() !== undefined;
  }

  /** Makes a new token; the one before is void from here on. The answer is the only copy. */
  async rotate(actor: string): Promise<string> {
    const token = `${prefix}${randomBytes(32).toString('base64url')}`;
    const id = newId();
    await this.#recorder.ledger.append([{ kind: 'token-rotated', actor, token: id, aside: {} }]);
    this.#store.save({ id, sha256: hashOf(token).toString('hex') });
    return token;
  }

  /** Who calls: the actor's id for the ledger, or undefined for a token that is not ours. Takes the same time either way. */
  actorOf(token: string): string | undefined {
    const stored = this.#store.load();
    const expected = stored === undefined ? randomBytes(32) : Buffer.from(stored.sha256, 'hex');
    const same = timingSafeEqual(hashOf(token), expected);
    return same && stored !== undefined ? `token-${stored.id}` : undefined;
  }
}

function hashOf(token: string): Buffer {
  return createHash('sha256').update(token).digest();
}
