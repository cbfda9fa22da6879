import { attachment } from './attachments.ts';
import type { Charset } from './charset.ts';
import type { Draft } from './draft.ts';
import {
  attachmentPart,
  encodedWords,
  headerLine,
  isAscii,
  messagePart,
  multipart,
  partBytes,
  textPart,
  tokenOf,
  type Part,
  type TransferEncoding,
} from './mime.ts';
import { person, type PersonKey } from './person.ts';
import { mailDate, shortDate } from './calendar.ts';

const LINE_WIDTH = 74;

/** Knows all drafts, because a reply quotes and refers to earlier ones. */
export class Composer {
  readonly #drafts: ReadonlyMap<string, Draft>;

  constructor(drafts: readonly Draft[]) {
    this.#drafts = new Map(drafts.map((draft) => [draft.id, draft]));
    if (this.#drafts.size !== drafts.length) throw new Error('two drafts have the same id');
  }

  /** The whole message, CRLF throughout, ending in one line end. */
  bytes(draft: Draft): Buffer {
    const headers = this.#headers(draft);
    const { headers: own, body } = this.#content(draft);
    return Buffer.concat([
      partBytes({ headers: [...headers, 'MIME-Version: 1.0', ...own], body }),
      Buffer.from('\r\n'),
    ]);
  }

  #earlier(id: string): Draft {
    const found = this.#drafts.get(id);
    if (found === undefined) throw new Error(`no draft is called ${id}`);
    return found;
  }

  subjectOf(draft: Draft): string {
    if (draft.subject !== undefined) return draft.subject;
    const [prefix, id] = draft.reply === undefined ? ['Fwd: ', draft.forward] : ['Re: ', draft.reply];
    if (id === undefined) throw new Error(`${draft.id} has no subject`);
    const earlier = this.subjectOf(this.#earlier(id));
    return earlier.startsWith(prefix) ? earlier : `${prefix}${earlier}`;
  }

  #headers(draft: Draft): readonly string[] {
    const charset = draft.charset ?? 'utf-8';
    const list = (keys: readonly PersonKey[]) => keys.map((key) => addressOf(key, charset)).join(', ');
    const references = this.#references(draft);
    const lastReference = references.at(-1);
    return [
      headerLine('Date', mailDate(draft.at)),
      headerLine('From', addressOf(draft.from, charset)),
      headerLine('To', list(draft.to)),
      ...(draft.cc === undefined ? [] : [headerLine('Cc', list(draft.cc))]),
      headerLine('Subject', encodedWords(this.subjectOf(draft), charset)),
      headerLine('Message-ID', messageIdOf(draft)),
      ...(lastReference === undefined ? [] : [headerLine('In-Reply-To', lastReference)]),
      ...(references.length === 0 ? [] : [headerLine('References', references.join(' '))]),
      ...Object.entries(draft.headers ?? {}).map(([name, value]) => headerLine(name, value)),
    ];
  }

  /** RFC 5322 §3.6.4: the parent's references and the parent. */
  #references(draft: Draft): readonly string[] {
    const parent = draft.reply ?? draft.forward;
    if (parent === undefined) return [];
    const earlier = this.#earlier(parent);
    return [...this.#references(earlier), messageIdOf(earlier)];
  }

  /** What the author wrote, the signature, and what is quoted below it. */
  text(draft: Draft): string {
    const { title, company, name } = person(draft.from);
    const signature = draft.unsigned || title === '' ? '' : `\n\n-- \n${name}\n${title}, ${company}`;
    return `${wrapped(draft.body)}${signature}${this.#quoted(draft)}`;
  }

  #quoted(draft: Draft): string {
    if (draft.reply !== undefined && draft.quote !== false) {
      const earlier = this.#earlier(draft.reply);
      const lines = this.text(earlier)
        .split('\n')
        .map((line) => (line === '' || line.startsWith('>') ? `>${line}` : `> ${line}`));
      return `\n\nOn ${shortDate(earlier.at)}, ${person(earlier.from).name} wrote:\n${lines.join('\n')}`;
    }
    if (draft.forward === undefined) return '';
    const earlier = this.#earlier(draft.forward);
    const { name, address } = person(earlier.from);
    const head = `From: ${name} <${address}>\nDate: ${shortDate(earlier.at)}\nSubject: ${this.subjectOf(earlier)}`;
    return `\n\n---------- Forwarded message ----------\n${head}\n\n${this.text(earlier)}`;
  }

  #content(draft: Draft): Part {
    const body = this.#bodyPart(draft);
    const files = (draft.attach ?? []).map((name) => {
      const file = attachment(name);
      return attachmentPart(file.name, file.mediaType, file.bytes);
    });
    const mails = (draft.attachMail ?? []).map((id) => messagePart(this.bytes(this.#earlier(id))));
    return files.length + mails.length === 0 ? body : multipart('mixed', [body, ...files, ...mails], draft.id);
  }

  #bodyPart(draft: Draft): Part {
    const text = this.text(draft);
    const format = draft.format ?? 'plain';
    const html = format === 'plain' ? undefined : textPartOf(htmlOf(text), 'html', draft);
    if (format === 'html' && html !== undefined) return html;
    const plain = textPartOf(text, 'plain', draft);
    return html === undefined ? plain : multipart('alternative', [plain, html], draft.id);
  }
}

function textPartOf(text: string, subtype: string, draft: Draft): Part {
  const charset: Charset = draft.charset ?? (isAscii(text) ? 'us-ascii' : 'utf-8');
  const fallback: TransferEncoding = charset === 'us-ascii' || charset === 'iso-2022-jp' ? '7bit' : 'quoted-printable';
  return textPart(text, subtype, charset, draft.encoding ?? fallback);
}

export function messageIdOf(draft: Draft): string {
  const domain = person(draft.from).address.split('@')[1] ?? '';
  return `<${tokenOf(`message ${draft.id}`, 20)}@${domain}>`;
}

export function addressOf(key: PersonKey, charset: Charset = 'utf-8'): string {
  const { name, address } = person(key);
  const phrase = /[,.]/u.test(name) ? `"${name}"` : encodedWords(name, isAscii(name) ? 'us-ascii' : charset);
  return `${phrase} <${address}>`;
}

/** Prose is wrapped; lists, tables and scripts without spaces keep their lines. */
function wrapped(body: string): string {
  return body
    .split('\n\n')
    .map((paragraph) => (/^[ -]/mu.test(paragraph) ? paragraph : wrapLine(paragraph)))
    .join('\n\n');
}

function wrapLine(paragraph: string): string {
  const lines = [''];
  for (const word of paragraph.split(/(?<=\n)| /u)) {
    const line = lines.at(-1) ?? '';
    if (line.endsWith('\n') || (line !== '' && line.length + word.trimEnd().length >= LINE_WIDTH)) lines.push(word);
    else lines[lines.length - 1] = line === '' ? word : `${line} ${word}`;
  }
  return lines.map((line) => line.replace(/\n$/u, '')).join('\n');
}

function htmlOf(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  const paragraphs = escaped.split('\n\n').map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br>\n')}</p>`);
  return [
    '<!DOCTYPE html>',
    '<html><head><meta http-equiv="Content-Type" content="text/html">',
    '<style>body { font-family: Georgia, serif; color: #222 } p { margin: 0 0 12px }</style></head>',
    '<body>',
    ...paragraphs,
    '</body></html>',
  ].join('\n');
}
