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
  const looksLikeMail = beginsWithHeaderField(beginning);
  if (file.maildirFolder !== undefined) {
    return looksLikeMail
      ? { kind: 'taken', take: 'maildir' }
      : { kind: 'ignored', why: 'a hidden file that is no message' };
  }
  if (typeof mbox !== 'string') return { kind: 'taken', take: 'mboxrd' };
  if (/\.mbo?x$/iu.test(file.name)) return noMbox(beginning, mbox);
  return judgeOther(file.name, looksLikeMail);
}

function judgeOther(name: string, looksLikeMail: boolean): Verdict {
  if (OUTLOOK.test(name))
    return { kind: 'failed', reason: "Outlook's own format is not read: export it as EML or mbox" };
  if (!namedLikeMessage(name)) return { kind: 'ignored', why: whyNoMail(looksLikeMail) };
  return looksLikeMail
    ? { kind: 'taken', take: 'eml' }
    : { kind: 'ignored', why: 'does not begin with a header field' };
}

/** Mail for certain, and left out of what was collected. */
const OUTLOOK = /\.(?:msg|pst|ost)$/iu;

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
