import { wordSet } from './word-set.ts';

/** Elements whose beginning and end break the line. */
export const BLOCKS = wordSet(`
  address article aside blockquote body br caption center colgroup dd desc details dialog dir div dl dt
  fieldset figcaption figure footer foreignobject form frameset h1 h2 h3 h4 h5 h6 head header hgroup hr html
  legend li listing main marquee menu nav noembed noframes noscript ol optgroup option p plaintext pre search
  section select summary svg table tbody template text textarea tfoot thead title tr ul xmp
`);
/** Elements whose neighbours are other words. */
export const CELLS = wordSet(
  'td th button input img area iframe object audio canvas datalist embed frame math meter progress video',
);
/** Elements that some readers show, and others do not. */
export const UNSURE = wordSet(`
  audio canvas datalist desc details dialog frameset iframe metadata noembed noframes noscript object optgroup option
  select template textarea title video
`);
/** Elements of which some readers show something else, or nothing, between the words around them. */
export const REPLACED = wordSet(
  `
  annotation applet audio canvas datalist defs desc dialog iframe metadata meter noembed noframes noscript object
  progress select template title video
`,
);
/** Elements that have no end. */
export const VOID = wordSet('area base br col embed hr img input link meta param source track wbr');
export const TABLE_CELLS = new Set(['td', 'th']);
/** Words in them may be notes to the word before, or words of their own. */
export const MARKED = new Set(['sup', 'sub', 'a', 'label']);
/** Readings of what they stand above: no part of the line. */
export const RUBY_NOTES = new Set(['rt', 'rp', 'rtc']);
export const RUBY = new Set(['ruby', 'rb', 'rbc']);
export const UNSEEN = new Set(['script', 'style']);
export const SPOKEN_ATTRIBUTES = new Set(['alt', 'placeholder']);
/** Elements that show their value; elsewhere it is a number or a key. */
export const VALUED = new Set(['input', 'button', 'option']);
export const LABELLED = new Set(['option', 'optgroup', 'track']);
/** Attributes that name what is shown, or where a click leads. */
export const SOURCES = wordSet(
  'src data background href xlink:href poster srcset imagesrcset dynsrc lowsrc codebase classid action formaction cite longdesc ping',
);
/** Elements whose content is no markup, in most places: references in some of them are read. */
export const RAW = wordSet('script style title textarea xmp iframe noembed noframes');
export const REFERRING = new Set(['title', 'textarea']);
/** Elements in which, and behind which, a reader may take what is raw elsewhere for markup, and show it. */
export const ODD = wordSet('svg math select noscript frameset');
