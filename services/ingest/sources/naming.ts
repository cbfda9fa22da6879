import { shownName, type BytePath } from './byte-path.ts';
import { mailboxOfMaildirFolder } from './maildir.ts';

export interface Naming {
  readonly custodian: string;
  readonly mailbox: string;
}

export interface NamingRoot {
  /** The import's path, resolved. */
  readonly path: BytePath;
  readonly kind: 'file' | 'folder' | 'maildir';
  /** Given by the user; names everything then. */
  readonly custodian: string | undefined;
}

export interface NamedFile {
  /** Folders from the import's path down to the file. */
  readonly folders: readonly BytePath[];
  readonly name: BytePath;
  readonly format: 'eml' | 'maildir' | 'mboxrd' | 'mboxo';
}

/**
 * Whose mail a file is, and in which mailbox. The custodian is the one given, else the first folder below the path. Where
 * there is no such folder the path names the custodian: a folder (a Maildir called `Maildir` by the folder it lies in), an
 * mbox file by its name without extension, another file by the folder it lies in. The folders below become the mailbox, with
 * `/`; without any, an mbox is called by its file name, and a Maildir's own `cur` and `new` are `INBOX`.
 */
export function nameOf(root: NamingRoot, file: NamedFile): Naming {
  const ownCustodian = root.custodian !== undefined || root.kind !== 'folder' || foldersOf(file).length === 0;
  const below = ownCustodian ? file.folders : file.folders.slice(1);
  const custodian = ownCustodian
    ? (root.custodian ?? custodianOfPath(root, file))
    : shownName(file.folders[0] ?? root.path);
  return { custodian, mailbox: mailboxOf(below, file) };
}

function mailboxOf(below: readonly BytePath[], file: NamedFile): string {
  if (file.format === 'maildir') {
    const levels = below.slice(0, -1).map((folder) => mailboxOfMaildirFolder(shownName(folder)));
    return levels.length === 0 ? 'INBOX' : levels.join('/');
  }
  const mailbox = below.map((folder) => shownName(folder)).join('/');
  const isMbox = file.format !== 'eml';
  return mailbox === '' && isMbox ? withoutExtension(shownName(file.name)) : mailbox;
}

/** A Maildir's `cur` and `new` are not folders of a person. */
function foldersOf(file: NamedFile): readonly BytePath[] {
  return file.format === 'maildir' ? file.folders.slice(0, -1) : file.folders;
}

function custodianOfPath(root: NamingRoot, file: NamedFile): string {
  const levels = shownName(root.path)
    .split('/')
    .filter((level) => level !== '');
  const last = levels.at(-1) ?? '';
  const parent = levels.at(-2) ?? '';
  if (root.kind === 'file') return file.format === 'eml' || file.format === 'maildir' ? parent : withoutExtension(last);
  return /^\.?maildir$/iu.test(last) ? parent : last;
}

function withoutExtension(name: string): string {
  return name.replace(/(?<=.)\.[^.]+$/u, '');
}
