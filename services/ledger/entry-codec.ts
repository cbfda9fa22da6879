import { asSequence, canonicalJson, type Json } from '#kernel';
import { z } from 'zod';
import { canonical, damagedBatch } from './batch-file.ts';
import { type Entry, type EntryDraft, entryKinds, type EntryKindName } from './entries/index.ts';
import type { EntryOutline } from './head.ts';
import { LedgerFault } from './ledger-fault.ts';
import { asideHash, asideLine, asideOf } from './sidecar.ts';

/** A draft that its schema accepts, in the form in which it will be read back. */
export interface CheckedDraft {
  readonly kind: EntryKindName;
  readonly policy: boolean;
  readonly fields: Readonly<Record<string, Json | undefined>>;
  readonly aside: Readonly<Record<string, Json | undefined>>;
  /** The sidecar line, where there is anything to say. */
  readonly asideLine?: string;
  readonly asideHash?: string;
}

/** What a kind's schema has let through is JSON: this says so to the compiler. */
const jsonRecord = z.custom<Record<string, Json | undefined>>();

/** @throws LedgerFault `invalid-entry`: what could not be read back must not be written */
export function checkDraft(draft: EntryDraft, salt: () => string): CheckedDraft {
  const kind = entryKinds[draft.kind];
  const { aside, ...fields } = draft;
  const checkedFields = kind.fields.safeParse({ ...fields, v: 1, time: 0 });
  const checkedAside = kind.aside.safeParse(aside);
  const error = checkedFields.error ?? checkedAside.error;
  if (error !== undefined) throw invalidEntry(draft.kind, error);
  const checked = {
    kind: draft.kind,
    policy: kind.policy,
    fields: jsonRecord.parse(checkedFields.data),
    aside: jsonRecord.parse(checkedAside.data),
  };
  return Object.values(checked.aside).every((value) => value === undefined) ? checked : salted(checked, salt());
}

/** Drafts of which at least one has a salt, and is therefore like no other: an empty aside has room for one. */
export function recognisable(drafts: readonly CheckedDraft[], salt: () => string): readonly CheckedDraft[] {
  const [first, ...others] = drafts;
  if (first === undefined || drafts.some((draft) => draft.asideHash !== undefined)) return drafts;
  return [salted(first, salt()), ...others];
}

function salted(draft: CheckedDraft, salt: string): CheckedDraft {
  const line = asideLine(draft.aside, salt);
  return { ...draft, asideLine: line, asideHash: asideHash(line) };
}

/**
 * A draft that another process checked, from what it sent of it.
 * @param fields what stands in the tree, at time 0
 * @param asideText the sidecar line, where it has one
 * @throws LedgerFault `invalid-entry`
 */
export function receivedDraft(fields: Readonly<Record<string, Json>>, asideText: string | undefined): CheckedDraft {
  const name = typeof fields['kind'] === 'string' ? fields['kind'] : '';
  if (!isKind(name)) throw invalidEntry(name, new z.ZodError([]));
  const kind = entryKinds[name];
  const checkedFields = kind.fields.safeParse(fields);
  const checkedAside = kind.aside.safeParse(asideText === undefined ? {} : asideOf(asideText));
  const error = checkedFields.error ?? checkedAside.error;
  if (error !== undefined) throw invalidEntry(kind.kind, error);
  return {
    kind: kind.kind,
    policy: kind.policy,
    fields: jsonRecord.parse(checkedFields.data),
    aside: jsonRecord.parse(checkedAside.data),
    ...(asideText === undefined ? {} : { asideLine: asideText, asideHash: asideHash(asideText) }),
  };
}

function invalidEntry(kind: string, cause: z.ZodError): LedgerFault {
  const where = cause.issues.map((issue) => issue.path.join('.')).join(', ');
  return new LedgerFault('invalid-entry', `a ${kind} entry is not what its kind allows: ${where}`, {
    remedy: 'Report this as a defect of the caller; nothing was written.',
    facts: { kind, where },
    cause,
  });
}

/** The leaf: what stands in the tree. */
export function entryLine(draft: CheckedDraft, time: number): string {
  return canonicalJson({ ...draft.fields, time, aside: draft.asideHash });
}

/** A draft as readers will get it. */
export function draftedEntry(draft: CheckedDraft, sequence: number, time: number): Entry {
  return asEntry({ ...draft.fields, time, sequence: asSequence(sequence), aside: draft.aside });
}

const asideKey = '"aside":"';

/**
 * The hash that binds a sidecar line, where the entry has one. Found without parsing: within a string the quotes would be
 * escaped, and no kind has a field of that name.
 */
export function boundAside(line: string): string | undefined {
  const at = line.indexOf(asideKey);
  return at < 0 ? undefined : line.slice(at + asideKey.length, at + asideKey.length + 64);
}

/**
 * Kind and time of an entry, found without parsing, for the same reason. Whether the line is well-formed is seen when the
 * entry is decoded. @throws LedgerFault `damaged`
 */
export function outlineOf(line: string, sequence: number): EntryOutline {
  const [, kind = ''] = /"kind":"([a-z-]+)"/u.exec(line) ?? [];
  const [, time = ''] = /"time":(-?\d+)/u.exec(line) ?? [];
  if (!isKind(kind) || time === '') throw damagedBatch(sequence, `entry ${sequence} has no known kind, or no time`);
  return { kind, sequence: asSequence(sequence), time: Number(time) };
}

const rawEntry = z.looseObject({ kind: z.string(), aside: z.string().optional() });

/**
 * @param asideText the sidecar line; empty where it was erased, undefined where the entry has none
 * @throws LedgerFault `damaged`
 */
export function decodeEntry(line: string, sequence: number, asideText: string | undefined): Entry {
  const raw = rawEntry.safeParse(canonical(line));
  if (!raw.success) throw damagedBatch(sequence, `entry ${sequence} is not canonical JSON`);
  const { aside: _, ...fields } = raw.data;
  if (!isKind(fields.kind)) throw damagedBatch(sequence, `entry ${sequence} is of the unknown kind ${fields.kind}`);
  const kind = entryKinds[fields.kind];
  const checked = kind.fields.safeParse(fields);
  if (!checked.success) throw damagedBatch(sequence, `entry ${sequence} does not fit its kind`, checked.error);
  if (asideText === '') return asEntry({ ...checked.data, sequence: asSequence(sequence), aside: 'erased' });
  const aside = kind.aside.safeParse(asideText === undefined ? {} : asideOf(asideText));
  if (!aside.success) throw damagedBatch(sequence, `the aside of entry ${sequence} does not fit its kind`, aside.error);
  return asEntry({ ...checked.data, sequence: asSequence(sequence), aside: aside.data });
}

function isKind(kind: string): kind is EntryKindName {
  return Object.hasOwn(entryKinds, kind);
}

/** Fields and aside were checked by the schemas of one kind; that they belong together is beyond the type system. */
function asEntry(checked: object): Entry {
  return checked as Entry;
}
