import type { Digest, Sequence } from '#kernel';

/** Names within an export. All are made here, from numbers and digests: nothing of them comes from a sender or a custodian. */
export const fileNames = {
  checkpoint: 'checkpoint.txt',
  entries: 'entries.jsonl',
  exceptions: 'exceptions.jsonl',
  explanation: 'README.txt',
  manifest: 'manifest.jsonl',
  mbox: 'messages.mbox',
  publicKey: 'public-key.txt',
  signature: 'SHA256SUMS.sig',
  storage: 'storage.json',
  sums: 'SHA256SUMS',
} as const;

interface Named {
  readonly sequence: Sequence;
  readonly digest: Digest;
}

export function messagePath(message: Named): string {
  return `messages/${nameOf(message)}.eml`;
}

export function proofPath(message: Named): string {
  return `proofs/${nameOf(message)}.tlog-proof`;
}

/** Folder, sequence of the capture, beginning of the digest. Folders hold one thousand sequences, and so at most as many files. */
function nameOf({ sequence, digest }: Named): string {
  const digits = String(sequence).padStart(8, '0');
  return `${digits.slice(0, -3)}/${digits}-${digest.slice(0, 8)}`;
}
