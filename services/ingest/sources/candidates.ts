/** Which files of a tree are mail. `auto` decides by name and beginning; the others say what everything is. */
export type FileFormat = 'auto' | 'eml' | 'maildir' | 'mboxrd' | 'mboxo';

export type Verdict =
  { readonly take: 'eml' | 'maildir' | 'mboxrd' | 'mboxo' } | { readonly take?: never; readonly ignored: string };

export interface FileName {
  readonly name: string;
  /** Which of a Maildir's three folders the file lies in. */
  readonly maildirFolder: 'cur' | 'new' | 'tmp' | undefined;
}

/** So many bytes of a file are enough for `judgeByBeginning`. */
export const beginningBytes = 4096;

/** What the name alone decides; undefined when the file's beginning must be seen. */
export function judgeByName(file: FileName, format: FileFormat): Verdict | undefined {
  if (format === 'eml') return { take: 'eml' };
  if (format === 'mboxrd' || format === 'mboxo') return undefined;
  if (file.maildirFolder === 'tmp') return { ignored: 'in a Maildir’s tmp: not delivered yet' };
  // Maildir: readers pass over names with a leading dot; what looks like a message there is taken all the same.
  const delivered = file.maildirFolder !== undefined && !file.name.startsWith('.');
  if (delivered) return { take: 'maildir' };
  if (format === 'maildir') return file.maildirFolder ? undefined : { ignored: 'not in cur/ or new/ of a Maildir' };
  return /\.eml$/iu.test(file.name) ? { take: 'eml' } : undefined;
}

/** @param beginning the file's first bytes: all of it, or at least `beginningBytes` */
export function judgeByBeginning(file: FileName, format: FileFormat, beginning: Buffer): Verdict {
  if (format === 'mboxrd' || format === 'mboxo') {
    return beginsLikeMbox(beginning) ? { take: format } : { ignored: 'does not begin with an mbox "From " line' };
  }
  const looksLikeMail = beginsWithHeaderField(beginning);
  if (file.maildirFolder !== undefined) {
    return looksLikeMail ? { take: 'maildir' } : { ignored: 'a hidden file that is no message' };
  }
  if (beginsLikeMbox(beginning)) return { take: 'mboxrd' };
  if (!namedLikeMessage(file.name)) return { ignored: 'neither its name nor its beginning is that of mail' };
  return looksLikeMail ? { take: 'eml' } : { ignored: 'does not begin with a header field' };
}

/** No extension (`1`, `1.`, `inbox`), or a number (`17.2`). */
function namedLikeMessage(name: string): boolean {
  return !/.\.[^.]+$/u.test(name) || /^[\d.]+$/u.test(name);
}

/** RFC 5322 §2.2 and §4.5 (white space before the colon), folded lines cannot come first. */
function beginsWithHeaderField(beginning: Buffer): boolean {
  return /^[!-9;-~]+[ \t]*:/u.test(firstLine(beginning));
}

/** `From ` with a time of day (RFC 4155), or at least followed by a header field: prose has neither. */
function beginsLikeMbox(beginning: Buffer): boolean {
  if (beginning.toString('latin1', 0, 5) !== 'From ') return false;
  const line = firstLine(beginning);
  if (/\d:\d\d/u.test(line)) return true;
  const next = beginning
    .subarray(line.length)
    .toString('latin1')
    .replace(/^\r?\n/u, '');
  return /^>*[!-9;-~]+[ \t]*:/u.test(next) || next.startsWith('>From ');
}

function firstLine(beginning: Buffer): string {
  const text = beginning.toString('latin1', 0, beginningBytes);
  return /^[^\r\n]*/u.exec(text)?.[0] ?? '';
}
