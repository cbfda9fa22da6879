import { decodeText } from './charset.ts';

/** What mail programs write before the first part for readers that know no MIME; without the dots at the end. */
const BOILERPLATE: ReadonlySet<string> = new Set([
  'this is a multi-part message in mime format',
  'this is a multipart message in mime format',
  'this is a nested multi-part message in mime format',
  'this is a multi-part message in mime format. your mail reader does not understand mime message format',
  'this is a message in mime format',
  'this is a multipart mime message',
  'this is a mime message',
  'this is a mime encoded message',
  'this is a mime encoded message. decode it with "munpack" or any other mime reading software. mpack/munpack is available via anonymous ftp in ftp.andrew.cmu.edu:pub/mpack/',
  'this is a mime-encapsulated message',
  'this is a mime-encoded message',
  'this is a mime-formatted message',
  'this is a mime-formatted message. if you see this text it means that your e-mail software does not support mime-formatted messages',
  'this is a mime-formatted message. if you see this text it means that your mail software does not support mime-formatted messages',
  'this message is in mime format',
  'this message is in mime format. since your mail reader does not understand this format, some or all of this message may not be legible',
  'this is a cryptographically signed message in mime format',
  'this is an s/mime signed message',
  'this is an s/mime encrypted message',
  'this is an openpgp/mime signed message',
  'this is an openpgp/mime signed message (rfc 2440 and 3156)',
  'this is an openpgp/mime signed message (rfc 4880 and 3156)',
  'this is an openpgp/mime encrypted message (rfc 2440 and 3156)',
  'this is an openpgp/mime encrypted message (rfc 4880 and 3156)',
]);
/** Octets of the longest of them, with room for layout. */
const LENGTH_MAX = 400;

/** Whether a preamble says one of the well-known sentences and nothing else: it is no words of a writer. */
export function isBoilerplate(content: Buffer): boolean {
  if (content.length > LENGTH_MAX) return false;
  const text = decodeText(content, '', new Set()).replace(/\s+/gu, ' ').trim().toLowerCase();
  return BOILERPLATE.has(text.replace(/[. ]{1,5}$/u, ''));
}
