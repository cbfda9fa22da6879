import type { Catalog } from '#catalog';
import { type FactField, type FactNode, factsIn, matchesId, matchesMailbox, parseQuery, queryWarnings } from '#search';

/** Names that are told of those that were perhaps meant. */
const SUGGESTED_MAX = 3;

/**
 * What of a query may mean something else than was intended: by how it is written, and by names that nothing in the archive has.
 * @throws SearchFault `query-invalid`
 */
export function queryHints(query: string, catalog: Catalog): string[] {
  const names = new Set(factsIn(parseQuery(query)).flatMap((fact) => unknownName(fact, catalog)));
  return [...queryWarnings(query), ...names];
}

function unknownName({ field, value }: FactNode, catalog: Catalog): string[] {
  const said = unknown[field]?.(value, catalog);
  return said === undefined ? [] : [said];
}

type Unknown = (value: string, catalog: Catalog) => string | undefined;

const unknown: Readonly<Partial<Record<FactField, Unknown>>> = {
  custodian(value, { sightings }) {
    const ids = [...new Set(sightings.places().map(({ custodian }) => custodian))];
    if (ids.some((id) => matchesId(value, id))) return undefined;
    return `There is no custodian "${value}".${suggestion('custodian', value, ids)}`;
  },
  mailbox(value, { sightings }) {
    const isKnown = sightings.places().some(({ mailbox }) => matchesMailbox(value, mailbox));
    return isKnown ? undefined : `There is no mailbox "${value}", and none with these words in its path.`;
  },
  source(value, { sightings, sources }) {
    const names = sightings.sources().flatMap((id) => [sources.nameOf(id) ?? id, id]);
    if (names.some((name) => matchesId(value, name))) return undefined;
    return `There is no source "${value}".${suggestion('source', value, names)}`;
  },
  digest: noDigest,
  thread: noDigest,
};

function noDigest(value: string, { messages }: Catalog): string | undefined {
  for (const _ of messages.withPrefix(value)) return undefined;
  return `No message has a digest that begins with ${value}.`;
}

/** Names that have in them what was written. */
function suggestion(field: string, value: string, names: readonly string[]): string {
  const wanted = value.toLowerCase().replaceAll('*', '');
  const near = names.filter((name) => wanted !== '' && name.toLowerCase().includes(wanted)).slice(0, SUGGESTED_MAX);
  return near.length === 0 ? '' : ` Did you mean ${near.map((name) => `${field}:${name}`).join(' or ')}?`;
}
