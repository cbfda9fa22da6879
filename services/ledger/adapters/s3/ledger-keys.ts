import { hex16 } from '../../sidecar.ts';

/** Below the bucket's prefix. No key is a folder of another one: some services then leave one of them out of listings. */
export const ledgerPrefix = 'ledger/';
/** No sequence is larger than 2^53: every batch begins so, and nothing else of ours does. */
export const batchPrefix = `${ledgerPrefix}00`;
export const sidecarPrefix = `${ledgerPrefix}sidecar/`;
/** One object per erasure that is under way, named like its sidecar. */
export const erasingPrefix = `${ledgerPrefix}erasing/`;

export function batchKey(first: number): string {
  return `${ledgerPrefix}${hex16(first)}`;
}

/** The first sequence in a batch's key; undefined where it is no batch's. */
export function firstOf(key: string): number | undefined {
  const [, digits] = /^ledger\/(00[0-9a-f]{14})$/u.exec(key) ?? [];
  const first = digits === undefined ? Number.NaN : Number.parseInt(digits, 16);
  return Number.isSafeInteger(first) ? first : undefined;
}

/** The sidecar's name in a key under the prefix; undefined where it is none. */
export function sidecarNameOf(key: string, prefix: string): string | undefined {
  const name = key.slice(prefix.length);
  return key.startsWith(prefix) && /^[0-9a-f]{16}-[0-9a-f]{32}$/u.test(name) ? name : undefined;
}
