import { LedgerFault } from './ledger-fault.ts';

const LF = 0x0a;
/** A line as `sha256sum` writes it, of a path that needs none of its escapes. */
const sumLine = /^[0-9a-f]{64} {2}[0-9A-Za-z][0-9A-Za-z._/-]*$/u;

/**
 * Refuses everything but a list of sums. What else the key signs never begins as one does: the first line of a
 * checkpoint is an origin, which has no space (C2SP signed-note, key names), and a batch begins with `{`.
 * @throws LedgerFault `not-attestable`
 */
export function checkAttestable(bytes: Uint8Array): void {
  const list = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  if (list.at(-1) !== LF) throw notAttestable('it does not end in a line end');
  for (let from = 0, line = 1; from < list.length; line++) {
    const to = list.indexOf(LF, from);
    if (!sumLine.test(list.toString('latin1', from, to))) throw notAttestable(`line ${line} is no sum and path`);
    from = to + 1;
  }
}

function notAttestable(problem: string): LedgerFault {
  return new LedgerFault('not-attestable', `the ledger's key does not sign this: ${problem}`, {
    remedy: 'Give it a list of files as sha256sum writes it, at least one line; it signs nothing else for others.',
  });
}
