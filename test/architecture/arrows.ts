/**
 * Which way the arrows point: what each folder of services/ may import, through the other's face (`#name`, its index.ts)
 * only. The sentence says why the line is drawn there.
 */
interface Arrow {
  readonly to: readonly string[];
  readonly because: string;
}

const domain = [
  'ledger',
  'archive',
  'catalog',
  'search',
  'jobs',
  'ingest',
  'matters',
  'retention',
  'export',
  'backup',
  'verification',
  'reading',
];

export const arrows: Readonly<Record<string, Arrow>> = {
  kernel: { to: [], because: 'everything stands on it, so it stands on nothing' },
  'object-storage': { to: ['kernel'], because: 'a bucket knows objects and locks, not what they are for' },
  redis: { to: ['kernel'], because: 'a connection knows commands, not what they are for' },
  message: { to: ['kernel'], because: 'reading a message is pure: it knows no storage and no archive' },
  ledger: { to: ['kernel'], because: 'the format outlives the code, so it depends on none of it' },
  jobs: { to: ['kernel'], because: "the queue carries keys; each job's schema lives with its owner" },
  archive: { to: ['kernel', 'ledger'], because: 'the record knows bytes and locks, not what they mean' },
  search: {
    to: ['kernel', 'message', 'ledger'],
    because: 'facts such as custodians and holds come as arguments that the caller resolved',
  },
  catalog: { to: ['kernel', 'ledger', 'search'], because: 'it folds the ledger and judges with the evaluator only' },
  identity: { to: ['kernel', 'ledger', 'catalog'], because: 'who a person is does not depend on what they may find' },
  matters: {
    to: ['kernel', 'message', 'ledger', 'catalog', 'search', 'archive', 'jobs'],
    because: 'a hold is a query that storage enforces',
  },
  retention: {
    to: ['kernel', 'message', 'ledger', 'catalog', 'search', 'matters', 'archive', 'jobs'],
    because: 'disposal asks every hold first, and it alone makes an order',
  },
  ingest: {
    to: ['kernel', 'message', 'archive', 'ledger', 'catalog', 'matters', 'retention', 'jobs', 'search'],
    because: 'a capture is judged by matters and retention, stored, recorded and indexed',
  },
  reading: {
    to: ['kernel', 'message', 'ledger', 'catalog', 'archive', 'search'],
    because: 'what people read is recorded first, and nothing else may answer with content',
  },
  export: {
    to: ['kernel', 'message', 'archive', 'ledger', 'catalog', 'search', 'matters', 'jobs'],
    because: 'it reads the record and changes nothing',
  },
  backup: {
    to: ['kernel', 'message', 'archive', 'ledger', 'catalog', 'search', 'jobs'],
    because: 'it copies the record and rebuilds what is derived from it',
  },
  verification: {
    to: ['kernel', 'message', 'archive', 'ledger', 'catalog', 'search', 'jobs', 'object-storage'],
    because: 'who checks must not depend on who is checked',
  },
  api: { to: ['kernel', 'message', 'identity', ...domain], because: 'HTTP is a door: it composes nothing' },
  imap: { to: ['kernel', 'message', 'identity', ...domain], because: 'IMAP is a door: it composes nothing' },
  web: { to: [], because: 'the browser shares nothing with the server but the types in api/schemas' },
  app: {
    to: ['kernel', 'message', 'identity', ...domain, 'api', 'imap', 'object-storage'],
    because: 'it composes: the one place that knows which adapter is used',
  },
};

/**
 * What any adapter may import although its folder may not: a technology that several ports are kept on is handled once, in a
 * folder of its own, and the port's face still knows nothing of it.
 */
export const forAdapters: readonly string[] = ['object-storage', 'redis'];

/** Packages that tie to one technology, and the only places for them. */
export const placements: readonly {
  readonly packages: RegExp;
  readonly allowed: RegExp;
  readonly because: string;
}[] = [
  {
    packages: /^(?:@aws-sdk\/|@smithy\/)/u,
    allowed: /^services\/object-storage\//u,
    because: 'S3 is spoken in one place: its faults, retries and traps are handled once (#object-storage)',
  },
  {
    packages: /^(?:bullmq|ioredis)(?:\/|$)/u,
    allowed: /^services\/(?:redis|[^/]+\/adapters)\//u,
    because: 'Redis is spoken by adapters, over the connections of one place (#redis)',
  },
  {
    packages: /^@elastic\//u,
    allowed: /^services\/[^/]+\/adapters\//u,
    because: "a server's client library belongs to its adapter",
  },
  {
    packages: /^node:sqlite$/u,
    allowed: /^services\/(?:[^/]+\/adapters\/|catalog\/|app\/(?:[^/]+\/)*[^/]*lock[^/]*\.ts$)/u,
    because: "SQLite is for adapters, the catalog and the archive's lock",
  },
  {
    packages: /^express(?:\/|$)/u,
    allowed: /^services\/(?:api|app)\//u,
    because: 'HTTP ends in api/',
  },
];
