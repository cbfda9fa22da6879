/** A batch of UIDs that are asked for in one command. */
export interface BatchLimits {
  readonly messagesMax: number;
  /** Of the UID set as it is sent: RFC 2683 §3.2.1.5 asks clients to keep lines below about 1,000 octets. */
  readonly textBytesMax: number;
}

/**
 * Cuts ascending UIDs into batches: as many commands as there are messages to fill them, whatever the gaps between the UIDs.
 */
export function* uidBatches(uids: readonly number[], limits: BatchLimits): Generator<readonly number[]> {
  let batch: number[] = [];
  let textBytes = 0;
  for (const uid of uids) {
    const extendsRange = batch.length > 0 && batch.at(-1) === uid - 1;
    // At worst a UID adds itself and a comma, or a colon.
    const added = extendsRange ? 0 : 2 * (String(uid).length + 1);
    if (batch.length >= limits.messagesMax || textBytes + added > limits.textBytesMax) {
      yield batch;
      batch = [];
      textBytes = 0;
    }
    batch.push(uid);
    textBytes += batch.length === 1 ? 2 * (String(uid).length + 1) : added;
  }
  if (batch.length > 0) yield batch;
}
