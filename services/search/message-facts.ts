import { analyze } from './analyzer.ts';

/** What is known of one message besides its bytes, over all its sightings. */
export interface MessageFacts {
  readonly custodians: readonly string[];
  readonly mailboxes: readonly string[];
}

/** `custodian:VALUE`: the whole id, whatever its case; `*` at the end stands for any rest. */
export function matchesCustodian(value: string, custodian: string): boolean {
  const wanted = value.toLowerCase();
  const id = custodian.toLowerCase();
  return wanted.endsWith('*') ? id.startsWith(wanted.slice(0, -1)) : id === wanted;
}

/** `mailbox:VALUE`: exactly this mailbox, or one whose path has the words of VALUE side by side. */
export function matchesMailbox(value: string, mailbox: string): boolean {
  if (value === mailbox) return true;
  const phrase = analyze(value);
  return phrase !== '' && ` ${analyze(mailbox)} `.includes(` ${phrase} `);
}
