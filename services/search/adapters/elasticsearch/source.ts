import { asDigest, type Digest } from '#kernel';
import { z } from 'zod';
import { decodeDocument } from '../../document-codec.ts';
import { isDerived } from '../../document-marks.ts';
import { markFields } from '../../marks.ts';
import { textsIn } from '../../named-text.ts';
import { type SearchColumn, searchColumns, type SearchDisplay, type SearchDocument } from '../../search-document.ts';
import { SearchFault } from '../../search-fault.ts';
import { fieldOf, NAMED } from './mapping.ts';

const displaySchema = z.custom<SearchDisplay>(
  (value) => typeof value === 'object' && value !== null && 'subject' in value,
);

const hitSchema = z.object({ digest: z.hex().transform(asDigest), display: displaySchema });

const wordsSchema = z.object(
  Object.fromEntries([...searchColumns.map(fieldOf), NAMED].map((name) => [name, z.string().default('')])),
);

const marksSchema = z.object({ marks: z.partialRecord(z.enum(markFields), z.array(z.string())) });

const removedSchema = z.strictObject({ removed: z.int() });

/** The fields that a list of hits needs. */
export const hitFields: readonly string[] = ['digest', 'display', 'removed'];

export interface ShownMessage {
  readonly digest: Digest;
  readonly display: SearchDisplay;
}

/** What a hit shows of a stored document; undefined for a removed one. @throws SearchFault `index-damaged` */
export function shownIn(source: unknown): ShownMessage | undefined {
  if (removedSchema.safeParse(source).success) return undefined;
  const hit = hitSchema.safeParse(source);
  if (!hit.success) throw unreadable(hit.error);
  return hit.data;
}

/** All that is known of the message; undefined for a removed one. @throws SearchFault `index-damaged` */
export function messageIn(source: unknown): { readonly digest: Digest; readonly document: SearchDocument } | undefined {
  const shown = shownIn(source);
  if (shown === undefined) return undefined;
  const stub = z.object({ encoded: z.base64() }).safeParse(source);
  if (stub.success) return { digest: shown.digest, document: decodeDocument(Buffer.from(stub.data.encoded, 'base64')) };
  const words = wordsSchema.safeParse(source);
  const marked = marksSchema.safeParse(source);
  if (!words.success || !marked.success) throw unreadable(words.error ?? marked.error);
  const marks = Object.entries(marked.data.marks)
    .flatMap(([field, values]) => values.map((value) => `${field}:${value}`))
    .filter((mark) => !isDerived(mark))
    .sort();
  const columns = Object.fromEntries(searchColumns.map((column) => [column, words.data[fieldOf(column)] ?? '']));
  return {
    digest: shown.digest,
    document: {
      columns: columns as Record<SearchColumn, string>,
      named: textsIn(words.data[NAMED] ?? ''),
      marks,
      display: shown.display,
    },
  };
}

function unreadable(cause: unknown): SearchFault {
  return new SearchFault('index-damaged', 'a document in the search index cannot be read', {
    remedy: 'Rebuild the search index.',
    cause,
  });
}
