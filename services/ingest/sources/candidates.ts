import { mboxBeginning } from './mbox-beginning.ts';

/** Which files of a tree are mail. `auto` decides by name and beginning; the others say what everything is. */
export type FileFormat = 'auto' | 'eml' | 'maildir' | 'mboxrd' | 'mboxo';

/** `failed`: was meant to be mail by its name or by the user, and is none that can be read. */
export type Verdict =
  | { readonly kind: 'taken'; readonly take: 'eml' | 'maildir' | 'mboxrd' | 'mboxo' }
  | { readonly kind: 'ignored'; readonly why: string }
  | { readonly kind: 'failed'; readonly reason: string };

export interface FileName {
  readonly name: string;
  /** Which of a Maildir's three folders the file lies in. */
  readonly maildirFolder: 'cur' | 'new' | 'tmp' | undefined;
}

/** So many bytes of a file are enough for `judgeByBeginning`. */
export const beginningBytes = 4096;

/** What the name alone decides; undefined when the file's beginning must be seen. */
export function judgeByName(file: FileName, format: FileFormat): Verdict | undefined {
  if (format === 'eml') return { kind: 'taken', take: 'eml' };
  if (format === 'mboxrd' || format === 'mboxo') return undefined;
  if (file.maildirFolder === 'tmp') return { kind: 'ignored', why: 'in a Maildir’s tmp: not delivered yet' };
  // Maildir: readers pass over names with a leading dot; what looks like a message there is taken all the same.
  const delivered = file.maildirFolder !== undefined && !file.name.startsWith('.');
  if (delivered) return { kind: 'taken', take: 'maildir' };
  if (format === 'maildir')
    return file.maildirFolder ? undefined : { kind: 'ignored', why: 'not in cur/ or new/ of a Maildir' };
  return /\.eml$/iu.test(file.name) ? { kind: 'taken', take: 'eml' } : undefined;
}

/** @param beginning the file's first bytes: all of it, or at least `beginningBytes` */
export function judgeByBeginning(file: FileName, format: FileFormat, beginning: Buffer): Verdict {
  const mbox = mboxBeginning(beginning);
  if (format === 'mboxrd' || format === 'mboxo') {
    return typeof mbox === 'string' ? noMbox(beginning, mbox) : { kind: 'taken', take: format };
  }
  if (file.maildirFolder !== undefined) {
    return beginsWithHeaderField(beginning)
      ? { kind: 'taken', take: 'maildir' }
      : { kind: 'ignored', why: 'a hidden file that is no message' };
  }
  if (typeof mbox !== 'string') return { kind: 'taken', take: 'mboxrd' };
  if (/\.mbo?x$/iu.test(file.name)) return noMbox(beginning, mbox);
  return judgeOther(file.name, beginning);
}

function judgeOther(name: string, beginning: Buffer): Verdict {
  const looksLikeMail = beginsWithHeaderField(beginning);
  const isNamedByOutlook = NAMED_BY_OUTLOOK.test(name);
  if (!isNamedByOutlook && !namedLikeMessage(name)) return { kind: 'ignored', why: whyNoMail(looksLikeMail) };
  if (looksLikeMail) return { kind: 'taken', take: 'eml' };
  return isNamedByOutlook ? unread(beginning) : { kind: 'ignored', why: 'does not begin with a header field' };
}

/** Mail for certain; other programs save theirs as text under such a name. */
const NAMED_BY_OUTLOOK = /\.(?:msg|pst|ost)$/iu;

/** What Outlook's files begin with: compound files (MS-CFB §2.2) and personal folders (MS-PST §2.2.2.6). */
const OUTLOOK = [Buffer.from('d0cf11e0a1b11ae1', 'hex'), Buffer.from('!BDN')];

/** Left out of what was collected: that must not go unnoticed. */
function unread(beginning: Buffer): Verdict {
  const isOutlooks = OUTLOOK.some((signature) => beginning.subarray(0, signature.length).equals(signature));
  const reason = isOutlooks
    ? "Outlook's own format is not read: export it as EML or mbox"
    : 'named as mail, and begins like none; --format eml takes every file as a message';
  return { kind: 'failed', reason };
}

function whyNoMail(looksLikeMail: boolean): string {
  if (looksLikeMail) return 'begins with what may be a header field, but its name is not that of mail';
  return 'neither its name nor its beginning is that of mail';
}

/** An empty mailbox is one: it has no message. */
function noMbox(beginning: Buffer, reason: string): Verdict {
  if (beginning.length === 0) return { kind: 'ignored', why: 'an empty file' };
  return { kind: 'failed', reason };
}

/** No extension (`1`, `1.`, `inbox`), or a number (`17.2`). */
function namedLikeMessage(name: string): boolean {
  return !/.\.[^.]+$/u.test(name) || /^[\d.]+$/u.test(name);
}

/** RFC 5322 §2.2 and §4.5 (white space before the colon), folded lines cannot come first. */
function beginsWithHeaderField(beginning: Buffer): boolean {
  return /^[!-9;-~]+[ \t]*:/u.test(firstLine(beginning));
}

function firstLine(beginning: Buffer): string {
  const text = beginning.toString('latin1', 0, beginningBytes);
  return /^[^\r\n]*/u.exec(text)?.[0] ?? '';
}
