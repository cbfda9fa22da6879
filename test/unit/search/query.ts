import * as fc from 'fast-check';
import type { Ast, FactField, NearChoice, NearNode, NearOperand, PhraseNode, TextField } from '#search';

const token = fc.constantFrom('audit', 'power', 'gas', 'the', 'or', 'and', 'not', '東', 'कर', '2001', 'x');

const pattern = fc.constantFrom(
  'a*',
  '*t',
  'p*r',
  '*a*',
  'x*',
  'or*',
  '?as',
  'g?s',
  'po??r',
  '??d',
  '?*e*',
  '2*1',
  'क*',
  '?x',
  'nowhere*',
);

const fuzzy = fc.constantFrom(
  'audit~1',
  'audit~2',
  'adit~1',
  'powre~1',
  'poewr~2',
  'gsa~1',
  'gases~2',
  '2010~1',
  'the~1',
);

const wide = ['participants', 'filename', 'attachment'] as const;

const terms = fc.oneof(
  { weight: 6, arbitrary: fc.tuple(token) },
  { weight: 2, arbitrary: fc.tuple(fc.oneof(pattern, fuzzy)) },
  {
    weight: 3,
    arbitrary: fc.array(fc.oneof({ weight: 3, arbitrary: token }, pattern), { minLength: 2, maxLength: 3 }),
  },
);

const field: fc.Arbitrary<TextField> = fc.constantFrom(
  'any',
  'any',
  'any',
  'subject',
  'body',
  'from',
  'to',
  'cc',
  'bcc',
  ...wide,
  'header:x-a',
  'header:x-ab',
  'link',
);

const anything: fc.Arbitrary<PhraseNode> = fc
  .constantFrom<TextField>('header:x-a', 'header:x-ab', 'header:x', 'link')
  .map((of) => ({ kind: 'phrase', field: of, terms: ['*'] }));

const phrase: fc.Arbitrary<PhraseNode> = fc.oneof(
  { weight: 9, arbitrary: fc.record({ kind: fc.constant('phrase' as const), field, terms }) },
  { weight: 1, arbitrary: anything },
);

function phraseIn(of: TextField): fc.Arbitrary<PhraseNode> {
  return terms.map((some) => ({ kind: 'phrase', field: of, terms: some }));
}

function choiceOf(children: readonly NearOperand[]): NearChoice {
  return { kind: 'or', children: children.flatMap((child) => (child.kind === 'or' ? child.children : [child])) };
}

function hasNear(operand: NearOperand): boolean {
  return operand.kind === 'near' || (operand.kind === 'or' && operand.children.some(hasNear));
}

/** Words near each other, in one field as they must be. */
export const proximity: fc.Arbitrary<NearNode> = field.chain(
  (of) =>
    fc.letrec<{ operand: NearOperand; near: NearNode }>((tie) => ({
      operand: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        { weight: 4, arbitrary: phraseIn(of) },
        { weight: 1, arbitrary: fc.array(tie('operand'), { minLength: 2, maxLength: 3 }).map(choiceOf) },
        { weight: 1, arbitrary: tie('near') },
      ),
      near: fc
        .record({
          kind: fc.constant('near' as const),
          nearness: fc.constantFrom('within', 'within', 'before', 'apart'),
          distance: fc.constantFrom(1, 2, 3, 1000),
          left: tie('operand'),
          right: tie('operand'),
        })
        .filter(({ nearness, left, right }) => nearness === 'within' || ![left, right].some(hasNear)),
    })).near,
);

const moment = fc.constantFrom(
  Date.UTC(2001, 9, 5),
  Date.UTC(2001, 9, 5, 12, 30),
  Date.UTC(2001, 9, 6),
  Date.UTC(2002, 0, 1),
  -62_135_596_800_000,
);

const date: fc.Arbitrary<Ast> = fc
  .tuple(fc.option(moment), fc.option(moment))
  .filter(([from, before]) => (from === null ? before !== null : before === null || from < before))
  .map(([from, before]) => ({ kind: 'range', field: 'date', from, before }));

/** Of messages, and what ranges begin and end with. */
export const sizes: readonly number[] = [0, 999, 1000, 1001, 5_000_000_000];

const size: fc.Arbitrary<Ast> = fc
  .tuple(fc.option(fc.constantFrom(...sizes)), fc.option(fc.constantFrom(...sizes)))
  .filter(([from, before]) => (before === null ? from !== null : (from ?? 0) < before))
  .map(([from, before]) => ({ kind: 'range', field: 'size', from, before }));

/** As the parser gives them, of documents of tests and of none. */
const marks = [
  ['has', 'attachment'],
  ['has', 'html'],
  ['has', 'signature'],
  ['has', 'encryption'],
  ['has', 'no-message-id'],
  ['is', 'bounce'],
  ['is', 'truncated'],
  ['is', 'unsearchable'],
  ['unsearchable', 'attachment'],
  ['unsearchable', 'encrypted'],
  ['domain', 'north.example'],
  ['domain', 'example'],
  ['domain', 'bücher.example'],
  ['domain', 'a b'],
  ['filetype', 'text/plain'],
  ['filetype', 'pdf'],
  ['message-id', '1@north.example'],
  ['reference', '1@north.example'],
  ['reference', "a b'¶c"],
  ['fingerprint', '00000000000000000000000000000000'],
  ['message-id', "a b'¶c"],
] as const;

/** Of messages and of queries. */
export const digests: readonly string[] = ['a1', 'a2', 'b1'].map((beginning) => beginning.padEnd(64, '0'));
export const instants: readonly number[] = [0, 1, 1000].map((ms) => Date.UTC(2026, 0, 5) + ms);

const caller: fc.Arbitrary<Ast> = fc
  .constantFrom<[FactField, string]>(
    ['source', 'north'],
    ['source', 'imp*'],
    ['digest', 'a1000000'],
    ['digest', digests[2] ?? ''],
    ['received', '2026-01-05..2026-01-05'],
    ['received', '..2026-01-05T00:00:00.000Z'],
    ['received', '2026-01-05T00:00:00.001Z..'],
    ['is', 'held'],
  )
  .map(([field, value]) => ({ kind: 'fact', field, value }));

const other: fc.Arbitrary<Ast> = fc.oneof(
  fc.constantFrom(...marks).map(([field, value]) => ({ kind: 'mark', field, value }) as const),
  caller,
  fc.constant({ kind: 'all' } as const),
  fc.constantFrom('ada', 'bo*', 'B O').map((value) => ({ kind: 'fact', field: 'custodian', value }) as const),
  fc.constantFrom('inbox', 'sent (old)', 'OR').map((value) => ({ kind: 'fact', field: 'mailbox', value }) as const),
);

/** Flat as the parser makes it: no AND right below an AND. */
function joined(kind: 'and' | 'or', children: readonly Ast[]): Ast {
  return { kind, children: children.flatMap((child) => (child.kind === kind ? child.children : [child])) };
}

/** Every shape of query that the parser can give, over words that documents of tests have. */
export const queries: fc.Arbitrary<Ast> = fc.letrec<{ node: Ast }>((tie) => {
  const several = fc.array(tie('node'), { minLength: 2, maxLength: 4 });
  return {
    node: fc.oneof(
      { depthSize: 'small', withCrossShrink: true },
      { weight: 4, arbitrary: phrase },
      { weight: 2, arbitrary: proximity },
      { weight: 1, arbitrary: date },
      { weight: 1, arbitrary: size },
      { weight: 1, arbitrary: other },
      { weight: 3, arbitrary: several.map((children) => joined('and', children)) },
      { weight: 2, arbitrary: several.map((children) => joined('or', children)) },
      { weight: 2, arbitrary: tie('node').map((child) => ({ kind: 'not', child }) as const) },
    ),
  };
}).node;
