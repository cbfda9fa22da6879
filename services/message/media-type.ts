import type { ParseFlag } from '#kernel';
import { parseParameters, type ParameterisedValue } from './parameters.ts';

const TOKEN = String.raw`[^\s\0-\x1f()<>@,;:'\\"/[\]?=]{1,127}`;
/** RFC 2045 §5.1. */
const MEDIA_TYPE = new RegExp(`^${TOKEN}/${TOKEN}$`, 'u');
/** The same with quotes and spaces around, and what may be parameters without a semicolon before. */
const LOOSE_TYPE = new RegExp(String.raw`^["'\s]{0,20}(${TOKEN})\s{0,20}/\s{0,20}(${TOKEN})["'\s,;]{0,20}([^]*)$`, 'u');
/** `Content-Type: text` was common once, and means the same to all. */
const PLAIN = 'text';

/** A Content-Type as it is meant. */
export interface DeclaredType {
  /** Lower case, always `type/subtype`; empty where none is declared. */
  readonly mediaType: string;
  readonly parameters: ReadonlyMap<string, string>;
}

const NONE: DeclaredType = { mediaType: '', parameters: new Map() };

/**
 * What a Content-Type says. What is no `type/subtype` (RFC 2045 §5.2 takes it for text/plain) is read as what it is likeliest
 * to mean, and flagged: readers differ.
 */
export function parseMediaType(text: string, flags: Set<ParseFlag>): DeclaredType {
  if (text === '') return NONE;
  const declared = parseParameters(text, flags);
  const { value, parameters } = declared;
  if (MEDIA_TYPE.test(value)) return { mediaType: value, parameters };
  if (value === '' && parameters.size === 0) return NONE;
  const spaced = value.replace(/\s+/gu, '');
  // Space may stand around the slash, as comments may.
  if (MEDIA_TYPE.test(spaced) && /^\S+\s*\/\s*\S+$/u.test(value)) return { mediaType: spaced, parameters };
  if (value === PLAIN && !hasStructure(declared)) return { mediaType: 'text/plain', parameters };
  flags.add('ambiguous-structure');
  return likeliest(text, declared, flags);
}

function likeliest(text: string, declared: ParameterisedValue, flags: Set<ParseFlag>): DeclaredType {
  const [, type = '', subtype = '', rest = ''] = LOOSE_TYPE.exec(text) ?? [];
  if (type !== '') {
    const mediaType = `${type}/${subtype}`.toLowerCase();
    return { mediaType, parameters: parseParameters(`${mediaType};${rest}`, flags).parameters };
  }
  return likeliestKind(declared, declared.value || text.toLowerCase());
}

function likeliestKind({ parameters, value }: ParameterisedValue, written: string): DeclaredType {
  if (parameters.has('boundary') || written.includes('multipart')) return { mediaType: 'multipart/mixed', parameters };
  if (written.includes('html')) return { mediaType: 'text/html', parameters };
  const isFile = value !== '' && parameters.has('name');
  return { mediaType: isFile ? 'application/octet-stream' : 'text/plain', parameters };
}

function hasStructure({ parameters }: ParameterisedValue): boolean {
  return parameters.has('boundary') || parameters.has('name');
}
