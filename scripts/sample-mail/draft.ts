import type { AttachmentName } from './attachments.ts';
import type { Charset } from './charset.ts';
import type { PersonKey } from './person.ts';

/** One message as its author thinks of it; `compose` makes the bytes. */
export interface Draft {
  /** Unique; Message-ID and boundaries follow from it. */
  readonly id: string;
  /** Wall clock in Britain, `2023-11-06 09:14`. */
  readonly at: string;
  readonly from: PersonKey;
  readonly to: readonly PersonKey[];
  readonly cc?: readonly PersonKey[];
  /** Absent in replies and forwards: it follows from the earlier message. */
  readonly subject?: string;
  /** Paragraphs with an empty line between them. A paragraph whose lines begin with a space or `-` keeps its lines. */
  readonly body: string;
  /** The draft that this one answers, quoted below unless `quote` is false. */
  readonly reply?: string;
  readonly forward?: string;
  readonly quote?: boolean;
  readonly format?: 'plain' | 'alternative' | 'html';
  readonly attach?: readonly AttachmentName[];
  /** Drafts that travel whole inside this one, as message/rfc822. */
  readonly attachMail?: readonly string[];
  readonly charset?: Charset;
  readonly encoding?: 'quoted-printable' | 'base64' | '8bit' | '7bit';
  /** Where it lies, for those who did not leave it in `inbox` or `sent`. */
  readonly folders?: Readonly<Partial<Record<PersonKey, string>>>;
  /** Further header lines, e.g. of a mailing list. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Without signature: notices, machines. */
  readonly unsigned?: boolean;
}
