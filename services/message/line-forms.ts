import type { ParseFlag } from '#kernel';
import { isUtf8 } from 'node:buffer';
import { decodeText } from './charset.ts';
import type { Entity } from './entity.ts';
import { isJson, isXml, withJoinedWords, withoutCdata, withoutJsonEscapes, withoutReferences } from './escapes.ts';
import { decodeQuotedPrintable } from './transfer-encoding.ts';

const DIRECTORY_TYPES = new Set(['text/calendar', 'text/vcard', 'text/x-vcard', 'text/directory']);
const DIRECTORY_NAMES = /\.(?:ics|ical|vcf)$/iu;
const DIRECTORY_APPLICATIONS = new Set(['application/ics', 'application/x-vcard']);

/** How line ends, and signs for characters, may stand inside words. */
export type TextForm = 'directory' | 'enriched' | 'json' | 'xml' | 'plain';

/** What the type, or the name, of a text says of its form. */
export function formOf(entity: Entity): TextForm {
  if (isDirectory(entity)) return 'directory';
  if (ENRICHED.has(entity.mediaType)) return 'enriched';
  if (isJson(entity)) return 'json';
  return isXml(entity) ? 'xml' : 'plain';
}

/** Text as its reader sees it, where its type says that line ends, or signs for characters, stand inside words. */
export function asRead(text: string, entity: Entity, flags: Set<ParseFlag>): string {
  switch (formOf(entity)) {
    case 'directory':
      return directoryText(withoutQuotedPrintable(text, flags));
    case 'enriched':
      return withoutCommands(text);
    case 'json':
      return withoutJsonEscapes(text);
    case 'xml':
      // What it declares for itself may stand for words.
      if (text.includes('<!ENTITY')) flags.add('unreadable-text');
      return withJoinedWords(withoutReferences(withoutCdata(text)));
    case 'plain':
      return deletesSpaces(entity) ? joinedFlowed(text) : text;
  }
}

const ENRICHED = new Set(['text/enriched', 'text/richtext']);
const COMMAND = /<<|<param>([^<]{0,1000})<\/param>|<(\/?[a-z0-9-]{1,60})>/giu;
/** RFC 1341 §7.1.3: these stand for characters. */
const CHARACTERS = new Map([
  ['lt', '<'],
  ['nl', '\n'],
  ['np', '\n'],
  ['/paragraph', '\n'],
]);

/** RFC 1896: commands may stand inside words; what their parameters say is no part of these, and follows at the end. */
function withoutCommands(text: string): string {
  const parameters: string[] = [];
  const said = text.replace(COMMAND, (written, parameter: string | undefined, command: string | undefined) => {
    if (written === '<<') return '<';
    if (parameter !== undefined) parameters.push(parameter);
    return CHARACTERS.get(command?.toLowerCase() ?? '') ?? '';
  });
  return [said, ...parameters].join('\n');
}

function isDirectory({ fileName, mediaType }: Entity): boolean {
  return DIRECTORY_TYPES.has(mediaType) || DIRECTORY_APPLICATIONS.has(mediaType) || DIRECTORY_NAMES.test(fileName);
}

/** RFC 5545 §3.1 and RFC 6350 §3.2: lines are folded anywhere, also within words; §3.3.11: `\n` is a line end. */
function directoryText(text: string): string {
  const whole = text.replace(/\r?\n[ \t]/gu, '');
  return withoutBase64(whole).replace(/\\([nN,;\\])/gu, (_, sign: string) =>
    sign === 'n' || sign === 'N' ? '\n' : sign,
  );
}

const BASE64_VALUE =
  /^([^:\r\n]{0,1000};(?:encoding=)?(?:b|base64)(?:;[^:\r\n]{0,1000})?):[ \t]*([a-z0-9+/=]+)[ \t]*$/gimu;

/** RFC 2426 §2.4.1, RFC 5545 §3.2.7: values in base64; those that are no UTF-8 text are files. */
function withoutBase64(text: string): string {
  return text.replace(BASE64_VALUE, (written, name: string, value: string) => {
    const octets = Buffer.from(value, 'base64');
    return isUtf8(octets) && !octets.includes(0) ? `${name}:${octets.toString('utf8')}` : written;
  });
}

const QUOTED_PRINTABLE = /;(?:encoding=)?quoted-printable/iu;
const CHARSET = /;charset=([^;:]{1,40})/iu;
const NAME_LENGTH_MAX = 1000;

/** vCard 2.1 and vCalendar 1.0: values with `ENCODING=QUOTED-PRINTABLE`, which a `=` at a line's end continues. */
function withoutQuotedPrintable(text: string, flags: Set<ParseFlag>): string {
  if (!QUOTED_PRINTABLE.test(text)) return text;
  const lines = text.split(/\r?\n/u);
  const out: string[] = [];
  for (let at = 0; at < lines.length; at++) {
    const line = lines[at] ?? '';
    const name = line.slice(0, Math.min(line.indexOf(':'), NAME_LENGTH_MAX) + 1);
    if (QUOTED_PRINTABLE.test(name)) {
      const last = lastContinued(lines, at);
      const value = [line.slice(name.length), ...lines.slice(at + 1, last + 1)].join('\n');
      out.push(name + quotedPrintableText(value, CHARSET.exec(name)?.[1] ?? '', flags));
      at = last;
    } else out.push(line);
  }
  return out.join('\n');
}

function lastContinued(lines: readonly string[], first: number): number {
  let last = first;
  while (last + 1 < lines.length && lines[last]?.endsWith('=') === true) last++;
  return last;
}

function quotedPrintableText(value: string, charset: string, flags: Set<ParseFlag>): string {
  const octets = decodeQuotedPrintable(Buffer.from(value, 'utf8'), flags);
  return decodeText(octets, charset, flags).replace(/[\r\n]+/gu, ' ');
}

function deletesSpaces({ mediaType, parameters }: Entity): boolean {
  if (mediaType !== 'text/plain') return false;
  return parameters.get('format')?.toLowerCase() === 'flowed' && parameters.get('delsp')?.toLowerCase() === 'yes';
}

/** RFC 3676 §4: a line that ends in a space goes on in the next one of the same quote depth, without that space. */
function joinedFlowed(text: string): string {
  const lines: string[] = [];
  let open: string | undefined;
  for (const line of text.split(/\r?\n/u)) {
    const quote = /^>*/u.exec(line)?.[0] ?? '';
    const said = line.slice(quote.length).replace(/^ /u, '');
    const isFlowed = said.endsWith(' ') && said !== '-- ';
    const shown = isFlowed ? said.slice(0, -1) : said;
    if (open === quote) lines.push((lines.pop() ?? '') + shown);
    else lines.push(quote === '' ? shown : `${quote} ${shown}`);
    open = isFlowed ? quote : undefined;
  }
  return lines.join('\n');
}
