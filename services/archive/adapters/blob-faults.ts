import { ArchiveFault } from '../archive-fault.ts';
import type { BlobRef, DispositionOrder } from '../blob-store.ts';

export function notFound(ref: BlobRef): ArchiveFault {
  return new ArchiveFault('not-found', `The archive has no message ${nameOf(ref)}`, {
    remedy: 'Check the digest; where the ledger has its capture, run `muniment verify`: it says how to go on.',
    facts: factsOf(ref),
  });
}

export function isDisposed(ref: BlobRef): ArchiveFault {
  return new ArchiveFault('disposed', `The message ${nameOf(ref)} was disposed of`, {
    remedy: 'Its certificate is in the ledger; the same bytes can be captured again as a new generation.',
    facts: factsOf(ref),
  });
}

export function isDamaged(ref: BlobRef, problem: string, place: string, cause?: unknown): ArchiveFault {
  return new ArchiveFault('damaged', `The stored message ${nameOf(ref)} is damaged: ${problem} (${place})`, {
    remedy: 'Run `muniment verify --full`: it names everything that is damaged, and how to go on.',
    facts: { ...factsOf(ref), place },
    cause,
  });
}

/** Derived state and the record contradict each other. */
export function isMislocated(ref: BlobRef, place: string): ArchiveFault {
  return new ArchiveFault('damaged', `The locator says of the message ${nameOf(ref)} what ${place} does not`, {
    remedy:
      'Nothing was destroyed. Stop what runs on this archive: the locator is derived, and made anew at the next start. A disposal that was ordered is carried out then.',
    facts: { ...factsOf(ref), place },
  });
}

export function isLocked(order: DispositionOrder): ArchiveFault {
  return new ArchiveFault('locked', `The message ${nameOf(order)} is locked by a legal hold or its retention`, {
    remedy: 'Release the holds that cover it, or wait until its retention has ended; nothing was destroyed.',
    facts: { ...factsOf(order), order: order.order },
  });
}

function nameOf(ref: BlobRef): string {
  return ref.generation === 1 ? ref.digest : `${ref.digest} (generation ${ref.generation})`;
}

function factsOf(ref: BlobRef): { digest: string; generation: number } {
  return { digest: ref.digest, generation: ref.generation };
}
