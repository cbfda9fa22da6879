import {
  type Checkpoint,
  type CheckpointSignature,
  type LedgerVerification,
  parseCheckpoint,
  signatureOf,
} from '#ledger';
import type { Finding } from './finding.ts';

/** Why a checkpoint says nothing of a ledger, or undefined where a key that the ledger has or had signed it. */
export function checkpointFinding(text: string, { keys }: LedgerVerification): Finding | undefined {
  const checkpoint = parseCheckpoint(text);
  const here = keys.at(-1)?.origin;
  // A ledger whose keys cannot be read is at fault itself, and that is named.
  const signature = here === undefined ? 'own' : signatureOf(text, keys);
  if (signature === 'own') return undefined;
  return refused(checkpoint, explained(signature, checkpoint, here ?? ''));
}

function explained(
  signature: Exclude<CheckpointSignature, 'own'>,
  { origin }: Checkpoint,
  here: string,
): Pick<Finding, 'problem' | 'remedy'> {
  switch (signature) {
    case 'of-other-origin':
      return {
        problem: `this checkpoint is of ${origin}; this archive is ${here}`,
        remedy: 'Name a checkpoint of this archive with --checkpoint, or the archive that it is of with --archive.',
      };
    case 'wrong':
      return {
        problem: "its signature is wrong: it names a key of this archive's ledger, which did not sign this text",
        remedy: 'Take the checkpoint again from where it is kept; what was changed in this one proves nothing.',
      };
    case 'of-no-key':
      return {
        problem: "it is signed by no key that this archive's ledger has or had",
        remedy: 'Find out which is genuine: either this is no checkpoint of this archive, or the ledger was exchanged.',
      };
  }
}

function refused({ origin, size }: Checkpoint, explanation: Pick<Finding, 'problem' | 'remedy'>): Finding {
  return { code: 'checkpoint-refused', place: `checkpoint of ${origin} at ${size}`, ...explanation };
}
