import { z } from 'zod';
import type { StoredToken, TokenStore } from '#identity';
import { AppFault } from './app-fault.ts';
import type { Secrets } from './secrets.ts';

const stored = z.strictObject({ id: z.string(), sha256: z.string().regex(/^[0-9a-f]{64}$/u) });

/** The token's hash as a file among the secrets. */
export class TokenFile implements TokenStore {
  readonly #secrets: Secrets;

  constructor(secrets: Secrets) {
    this.#secrets = secrets;
  }

  load(): StoredToken | undefined {
    const text = this.#secrets.read('token.json');
    if (text === undefined) return undefined;
    try {
      return stored.parse(JSON.parse(text));
    } catch (cause) {
      // Without the parser's message, which quotes the file.
      throw new AppFault('secret-damaged', "The API token's file is damaged.", {
        remedy: 'Make a new token with `muniment token rotate`.',
        cause,
      });
    }
  }

  save(token: StoredToken): void {
    this.#secrets.write('token.json', `${JSON.stringify(token)}\n`);
  }
}
