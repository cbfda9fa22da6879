import { actor, entryKind, opaqueId } from './entry-kind.ts';

/** The API's bearer token was created or replaced; the old one is void. */
export const tokenRotated = entryKind('token-rotated', { actor, token: opaqueId }, {});
