const words = [
  'bridge',
  'heron',
  'bolts',
  'report',
  'hanger',
  'county',
  'invoice',
  'meeting',
  'VF-2217',
  'Готово',
  '伪造',
];
const fields = [
  'subject:report',
  'from:tobias.renner',
  'to:priya',
  'custodian:leonie.vasquez',
  'mailbox:sent',
  'has:attachment',
];
const shapes = [
  '"blue heron"',
  '"NS-2023-114"',
  'date:2024-01-01..2024-02-29',
  '*',
  'NOT bridge',
  '第十一番吊り材',
  'болты',
];

/** Fifty queries over the sample mail: words, fields and shapes, and pairs of them. */
export const sampleQueries: readonly string[] = [
  ...words,
  ...fields,
  ...shapes,
  ...words.slice(0, 6).flatMap((word) => [`${word} from:tobias.renner`, `${word} NOT has:attachment`]),
  ...fields.flatMap((field) => [`${field} OR heron`, `bridge ${field}`]),
  '(bolts OR hanger) date:2023-01-01..2023-12-31',
  'custodian:margit.halloran date:2024-01-01..2024-02-29',
];
