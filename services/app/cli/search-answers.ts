import type { Difference, Facet, FoundFacets, FoundSample, Repetition, RepetitionReason } from '#reading';
import type { ExitCode } from './command.ts';
import type { HitList } from './hits.ts';
import { count, counted, type Io, shown } from './io.ts';

/** For people; with --json all are shown. */
const bucketsShown = 20;

export interface Answer {
  readonly asOf: number;
  readonly complete: boolean;
  readonly search: number;
  readonly destroyedSince: number;
  readonly timeZone: string;
}

/** ` as of sequence 396 (search 397)`: the entry by which it can be repeated. */
export function coverage({ asOf, complete, search, destroyedSince, timeZone }: Answer): string {
  const partial = complete ? '' : ' (incomplete: the index has not reached it)';
  const destroyed = `; ${counted(destroyedSince, 'message')} of then ${destroyedSince === 1 ? 'was' : 'were'} destroyed since`;
  const zone = timeZone === 'UTC' ? '' : `; times of ${timeZone}`;
  return ` as of sequence ${asOf}${partial} (search ${search})${destroyedSince > 0 ? destroyed : ''}${zone}`;
}

export function exitOf({ complete }: Pick<Answer, 'complete'>): ExitCode {
  return complete ? 0 : 1;
}

export function printFacets({ facets, ...answer }: FoundFacets, io: Io): ExitCode {
  for (const facet of facets) printFacet(facet, io);
  io.note(`${counted(answer.total, 'message')}${coverage(answer)}`);
  return exitOf(answer);
}

function printFacet({ name, buckets, further }: Facet, io: Io): void {
  if (!io.json) io.result({}, name);
  const isOfTime = name === 'year' || name === 'month' || name === 'day';
  const shownMax = io.json || isOfTime ? buckets.length : bucketsShown;
  for (const { value, messages } of buckets.slice(0, shownMax)) {
    io.result({ facet: name, value, messages }, `${count(messages).padStart(12)}  ${shown(value ?? '(no date)')}`);
  }
  const hidden = buckets.length - shownMax;
  const all = further > 0 ? `${count(buckets.length)} of them` : 'all';
  const left = hidden + further;
  if (left > 0)
    io.result({ facet: name, further }, `${''.padStart(12)}  … and ${count(left)} more (--json has ${all})`);
}

export async function printSample({ hits, seed, ...answer }: FoundSample, list: HitList, io: Io): Promise<ExitCode> {
  await list.add(hits);
  io.note(`a random sample of ${count(hits.length)} of ${counted(answer.total, 'message')}${coverage(answer)}`);
  io.note(`drawn by the seed ${seed}: those of which sha256 of seed, line feed and digest is the lowest`);
  return exitOf(answer);
}

/** But for what was destroyed, which is said with its number. */
const reasons: Readonly<Partial<Record<RepetitionReason, string>>> = {
  'analyzer-changed': 'this version of the program divides text into words in another way',
  'query-understood-otherwise': 'this version of the program understands the query otherwise',
  incomplete: 'the index has not reached that sequence',
};

/** 0 for the same messages, 1 for others, or where nobody can tell. */
export function printRepetition(repetition: Repetition, io: Io): ExitCode {
  const { missing, additional, ...summary } = repetition;
  for (const one of missing) printDifference('missing', one, io);
  for (const one of additional) printDifference('additional', one, io);
  io.result(summary, verdict(repetition).join('\n'));
  return repetition.result === 'same' ? 0 : 1;
}

function verdict({ search, result, recorded, total, asOf, named, ...rest }: Repetition): string[] {
  const what = {
    same: `same set: ${counted(total, 'message')} as of sequence ${asOf}, the messages that search ${search} found`,
    different: `another set: search ${search} found ${counted(recorded, 'message')}, now it is ${count(total)}, as of sequence ${asOf}`,
    'same-number': `as many: ${counted(total, 'message')} as of sequence ${asOf}; which ones search ${search} found was not recorded`,
  };
  const why = rest.reasons
    .filter((reason) => reason !== 'destroyed-since')
    .map((reason) => `because ${reasons[reason]}`);
  if (rest.destroyedSince > 0) {
    why.unshift(
      `since then ${counted(rest.destroyedSince, 'message')} of the archive ${rest.destroyedSince === 1 ? 'was' : 'were'} destroyed`,
    );
  }
  const unnamed =
    named || result !== 'different' ? [] : ['which messages these are was not recorded: they were too many'];
  return [what[result], ...(result === 'same' ? [] : why), ...unnamed];
}

function printDifference(kind: 'missing' | 'additional', { digest, sequence, certificate }: Difference, io: Io): void {
  const found = kind === 'missing' ? 'no longer found' : 'not found then';
  const why =
    certificate === null
      ? kind === 'missing'
        ? ': archived still, and matches no longer'
        : ''
      : `: destroyed by order ${certificate.order}, ${certificate.orderedAt.slice(0, 10)}`;
  const json = { difference: kind, digest, sequence, order: certificate?.order ?? null };
  io.result({ ...json, orderedAt: certificate?.orderedAt ?? null }, `${digest.slice(0, 12)}  ${found}${why}`);
}
