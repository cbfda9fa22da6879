import { hides } from './styles.ts';

const SHEET = /<style\b[^>]*>([^]*?)(?:<\/style|$)/giu;
const RULE = /([^{}]*)\{([^{}]*)\}/gu;
const COMMENT = /\/\*[^]*?(?:\*\/|$)/gu;
/** Of a selector the classes, ids and values of attributes. */
const NAME = /[.#]([\w-]{1,100})|=\s*["']?([\w-]{1,100})/gu;
const ELEMENT = /^[a-z][a-z\d]{0,19}$/iu;
/** More names than any sheet has that people made. */
const NAMES_MAX = 10_000;

/** What the style sheets of a text may hide: elements of these names, and those with one of these classes or ids; all in small letters. */
export interface HiddenNames {
  readonly elements: ReadonlySet<string>;
  readonly values: ReadonlySet<string>;
}

const NONE: HiddenNames = { elements: new Set(), values: new Set() };

/** Linear in the length of the text. A rule that names neither is passed over. */
export function hiddenNames(html: string): HiddenNames {
  if (!/<style/iu.test(html)) return NONE;
  const elements = new Set<string>();
  const values = new Set<string>();
  for (const { 1: sheet = '' } of html.matchAll(SHEET)) {
    if (!hides(sheet)) continue;
    for (const { 1: selectors = '', 2: declarations = '' } of sheet.replace(COMMENT, '').matchAll(RULE)) {
      if (values.size + elements.size > NAMES_MAX) return { elements, values };
      if (hides(declarations)) addNames(selectors, elements, values);
    }
  }
  return { elements, values };
}

/** Of a list of selectors what stands last in each: the element itself, and not what it is in. */
function addNames(selectors: string, elements: Set<string>, values: Set<string>): void {
  for (const selector of selectors.split(',')) {
    const last =
      selector
        .trim()
        .split(/[\s>+~]+/u)
        .at(-1) ?? '';
    if (ELEMENT.test(last)) elements.add(last.toLowerCase());
    for (const [, name, value = ''] of last.matchAll(NAME)) values.add((name ?? value).toLowerCase());
  }
}
