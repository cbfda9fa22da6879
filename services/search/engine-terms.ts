import { isNamed, nameOf, type TextField } from './ast.ts';
import { namePrefix } from './named-text.ts';
import type { Term } from './term.ts';

/** A term as it is looked up in an index: with the name of what it is searched in, where that has one. */
export function engineTerm(field: TextField, term: Term): Term {
  return isNamed(field) ? namePrefix(nameOf(field)) + term : term;
}

export function engineTerms(field: TextField, terms: readonly Term[]): readonly Term[] {
  if (!isNamed(field)) return terms;
  const prefix = namePrefix(nameOf(field));
  return terms.map((term) => prefix + term);
}
