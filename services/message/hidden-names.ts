import { mayLeaveUnseen } from './styles.ts';

const SHEET = /<style\b[^>]*>([^]*?)(?:<\/style|$)/giu;
const RULE = /([^{}]*)\{([^{}]*)\}/gu;
const COMMENT = /\/\*[^]*?(?:\*\/|$)/gu;
/** Which of the elements it selects, and where: of these all may be meant. */
const PSEUDO = /::?[a-z-]{1,40}(?:\([^()]{0,200}\))?/giu;
/** Of a selector the classes, ids and values of attributes. */
const NAME = /[.#]([\w-]{1,100})|[*^$~|]?=\s*["']?([\w-]{1,100})/gu;
const ELEMENT = /^[a-z][\w-]{0,30}/iu;
/** More names than any sheet has that people made. */
const NAMES_MAX = 10_000;

/** What the style sheets of a text may hide: elements of these names, and those with one of these classes or ids; all in small letters. */
export interface HiddenNames {
  readonly elements: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
  /** They hide something else as well: what has an attribute or stands in something, whatever it is; or too much to say. */
  readonly hasOthers: boolean;
}

const NONE: HiddenNames = { elements: new Set(), values: new Set(), hasOthers: false };

/** Linear in the length of the text. */
export function hiddenNames(html: string): HiddenNames {
  if (!/<style/iu.test(html)) return NONE;
  const elements = new Set<string>();
  const values = new Set<string>();
  let hasOthers = false;
  for (const selector of hidingSelectors(html)) {
    if (values.size + elements.size > NAMES_MAX) return { elements, values, hasOthers: true };
    const { element, names } = namedBy(selector);
    for (const name of names) values.add(name);
    if (names.length === 0 && element !== '') elements.add(element);
    hasOthers ||= selector.includes('\\') || (names.length === 0 && element === '');
  }
  return { elements, values, hasOthers };
}

/** Of the rules that hide something the last part of each selector: the element itself, and not what it is in. */
function* hidingSelectors(html: string): Generator<string> {
  for (const { 1: sheet = '' } of html.matchAll(SHEET)) {
    if (!mayLeaveUnseen(sheet)) continue;
    for (const { 1: selectors = '', 2: declarations = '' } of sheet.replace(COMMENT, '').matchAll(RULE)) {
      if (mayLeaveUnseen(declarations)) yield* selectors.replace(PSEUDO, '').split(',').map(lastOf);
    }
  }
}

function lastOf(selector: string): string {
  const compounds = selector.trim().split(/[\s>+~]+(?![^[]*\])/u);
  return compounds.at(-1) ?? '';
}

function namedBy(compound: string): { readonly element: string; readonly names: readonly string[] } {
  const names = Array.from(compound.matchAll(NAME), ([, name, value = '']) => (name ?? value).toLowerCase());
  return { element: (ELEMENT.exec(compound)?.[0] ?? '').toLowerCase(), names };
}
