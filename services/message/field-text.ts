import type { ParseFlag } from '#kernel';
import { isAscii, isUtf8 } from 'node:buffer';
import { decodeText } from './charset.ts';
import { withoutControls } from './controls.ts';
import { decodeEncodedWords } from './encoded-word.ts';
import type { Field } from './header-block.ts';

type Place = Pick<Field, 'start' | 'end'>;

/**
 * A field's value as text, unfolded (RFC 5322 §2.2.3) and trimmed, encoded words untouched. `hint`: the charset that the body
 * declares, which is the best guess for octets above 127 that are not UTF-8.
 */
export function fieldText(bytes: Buffer, field: Place, flags: Set<ParseFlag>, hint = ''): string {
  const view = bytes.subarray(field.start, field.end);
  const text = isAscii(view) ? view.toString('latin1') : decode8Bit(view, flags, hint);
  return (text.includes('\n') || text.includes('\r') ? text.replace(/[\r\n]/gu, '') : text).trim();
}

function decode8Bit(view: Buffer, flags: Set<ParseFlag>, hint: string): string {
  flags.add('undeclared-8bit');
  return decodeText(view, isUtf8(view) ? '' : hint, flags);
}

/** A field's value as a person should read it. */
export function readableText(bytes: Buffer, field: Place, flags: Set<ParseFlag>, hint = ''): string {
  return withoutControls(decodeEncodedWords(fieldText(bytes, field, flags, hint), flags));
}
