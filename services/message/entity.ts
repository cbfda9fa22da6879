import type { ParseFlag } from '#kernel';
import type { FieldName, HeaderBlock } from './header-block.ts';
import { fieldText } from './field-text.ts';
import { parseMediaType } from './media-type.ts';
import { parseParameters, plainNameOf } from './parameters.ts';
import type { ParameterisedValue } from './parameters.ts';

/** What the header of one MIME entity says of its content. */
export interface Entity {
  /** Lower case, always `type/subtype`. */
  readonly mediaType: string;
  readonly charset: string;
  /** Lower-case Content-Transfer-Encoding, `7bit` where absent. */
  readonly encoding: string;
  /** Lower case, empty where absent. */
  readonly disposition: string;
  readonly fileName: string;
  /** Other names, by Content-Type or beside an extended parameter, with ` or ` between them; readers show one or the other. */
  readonly otherName: string;
  readonly boundary: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const NONE: ParameterisedValue = { value: '', parameters: new Map() };
const IDENTITY_ENCODINGS = new Set(['7bit', '8bit', 'binary', '']);
const ENCODINGS = new Set(['base64', 'quoted-printable', 'x-uuencode', 'uuencode', 'x-uue']);

export function describeEntity(bytes: Buffer, header: HeaderBlock, defaultType: string, flags: Set<ParseFlag>): Entity {
  const type = parseMediaType(onlyText(bytes, header, 'content-type', flags), flags);
  const disposition = structured(bytes, header, 'content-disposition', flags);
  const mediaType = type.mediaType === '' ? defaultType : type.mediaType;
  const name = type.parameters.get('name') ?? '';
  const fileName = disposition.parameters.get('filename') ?? name;
  return {
    mediaType,
    charset: type.parameters.get('charset') ?? '',
    encoding: encodingOf(onlyText(bytes, header, 'content-transfer-encoding', flags), flags),
    disposition: disposition.value,
    fileName,
    otherName: otherNames(fileName, [name, plainName(disposition, 'filename'), plainName(type, 'name')]),
    boundary: mediaType.startsWith('multipart/') ? (type.parameters.get('boundary') ?? '') : '',
    parameters: type.parameters,
  };
}

function plainName({ parameters }: Pick<ParameterisedValue, 'parameters'>, name: string): string {
  return parameters.get(plainNameOf(name)) ?? '';
}

function otherNames(shown: string, names: readonly string[]): string {
  return [...new Set(names)].filter((name) => name !== '' && name !== shown).join(' or ');
}

function encodingOf(text: string, flags: Set<ParseFlag>): string {
  const encoding = text.toLowerCase();
  if (IDENTITY_ENCODINGS.has(encoding)) return '7bit';
  if (ENCODINGS.has(encoding)) return encoding;
  // `base64 (comment)`, `"base64"`, `8 bit`, `7bit;`: readers disagree.
  flags.add('ambiguous-structure');
  for (const known of ENCODINGS) if (encoding.includes(known)) return known;
  if (!encoding.includes('bit') && !encoding.includes('binary')) flags.add('bad-encoding');
  return '7bit';
}

function structured(bytes: Buffer, header: HeaderBlock, name: FieldName, flags: Set<ParseFlag>): ParameterisedValue {
  const text = onlyText(bytes, header, name, flags);
  return text === '' ? NONE : parseParameters(text, flags);
}

/** The first field of that name; another that says something else makes the structure ambiguous. */
function onlyText(bytes: Buffer, header: HeaderBlock, name: FieldName, flags: Set<ParseFlag>): string {
  let found: string | undefined;
  for (const field of header.fields) {
    if (field.name !== name) continue;
    const text = fieldText(bytes, field, flags);
    if (found === undefined) found = text;
    else if (found !== text) flags.add('ambiguous-structure');
  }
  return found ?? '';
}
