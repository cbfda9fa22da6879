export type { StoredToken, TokenStore } from './token-store.ts';
export { Tokens } from './tokens.ts';
