/** The info letters at the end of a Maildir name (`…:2,FS`, on some systems `;2,` or `!2,`); undefined when it has none. */
export function flagsOfMaildirName(name: string): readonly string[] | undefined {
  const letters = /[:;!]2,([A-Za-z]*)$/u.exec(name)?.[1];
  return letters === undefined ? undefined : Array.from(letters);
}

/** Maildir++: the folder `.Sub.Folder` is the mailbox `Sub/Folder`, written in IMAP's modified UTF-7 (RFC 3501 §5.1.3). */
export function mailboxOfMaildirFolder(folder: string): string {
  if (!/^\.[^.]/u.test(folder)) return folder;
  return folder
    .slice(1)
    .split('.')
    .map((level) => fromModifiedUtf7(level))
    .join('/');
}

/** The name as it is when it is not what an encoder would have written. */
function fromModifiedUtf7(name: string): string {
  return name.replace(/&([A-Za-z0-9+,]*)-/gu, (whole, encoded: string) => {
    if (encoded === '') return '&';
    const bytes = Buffer.from(encoded.replaceAll(',', '/'), 'base64');
    return bytes.length % 2 === 0 ? bytes.swap16().toString('utf16le') : whole;
  });
}
