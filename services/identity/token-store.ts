/** Where the hash of the API's bearer token is kept: never the token itself. */
export interface TokenStore {
  /** Undefined before the first token was made. */
  load(): StoredToken | undefined;
  /** Durable on return; replaces the one before. */
  save(token: StoredToken): void;
}

export interface StoredToken {
  /** Names the token in the ledger; reveals nothing of it. */
  readonly id: string;
  /** sha256 of the token, 64 lower-case hex digits. The token has 256 random bits, so a plain hash is enough. */
  readonly sha256: string;
}
