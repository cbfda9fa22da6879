import { z } from 'zod';
import type { Clock } from '#kernel';
import { messageOf, systemClock } from '#kernel';
import { Indexing, ParsingPool, Rereading } from '#ingest';
import { Ledger, type LedgerStore, type TreeHead } from '#ledger';
import type { Finding, VerificationParts } from '#verification';
import { Catalog } from '#catalog';
import type { SearchIndex } from '#search';
import { workingFolder } from '../archive-folder.ts';
import { openIndexAsItIs } from '../derived.ts';
import { openStores } from '../open-stores.ts';
import { Followers } from '../followers.ts';
import { Secrets } from '../secrets.ts';
import { type ExitCode, folderCommand } from './command.ts';
import { counted, type Io, size } from './io.ts';
import { lastSigned } from './last-signed.ts';
import { fileTyped } from './typed-path.ts';

const schema = z.strictObject({
  full: z.boolean().default(false),
  /** The text of a checkpoint that was kept elsewhere. */
  checkpoint: z.string().optional(),
});

type Input = z.infer<typeof schema>;

const phases = {
  ledger: 'Verified entries',
  fold: 'Folded entries',
  scrub: 'Read segments',
  messages: 'Verified messages',
  index: 'Compared with the index',
  catalog: 'Compared with the catalog',
} as const;

export const verifyCommand = folderCommand<Input>({
  name: 'verify',
  summary: 'Check ledger, archive and index against each other; exit code 1 on any fault',
  example: 'muniment verify --full',
  creates: false,
  schema,
  configure: (program) =>
    program
      .option('--full', 'read every byte, not only what is there')
      .option(
        '--checkpoint <file>',
        'the ledger must contain this checkpoint, kept from `muniment checkpoint` or an export',
      ),
  input: (_args, { checkpoint, ...options }) => ({
    ...options,
    ...(typeof checkpoint === 'string' && {
      checkpoint: fileTyped(checkpoint, '--checkpoint', 'a checkpoint that was kept'),
    }),
  }),
  /** Opens each part by itself, so that damage to one does not hide the others. */
  async run(config, input, io) {
    const folder = workingFolder(config);
    await using stack = new AsyncDisposableStack();
    const clock: Clock = systemClock;
    const stores = stack.use(await openStores(config.archive, folder, clock));
    const unopened: Finding[] = [];
    const catalog = await opened(
      async () => stack.use(Catalog.openAsItIs(folder.catalogFile)),
      'catalog-differs',
      'catalog',
      unopened,
    );
    const index = await opened(
      async () => stack.use(await openIndexAsItIs(config.search, folder)),
      'index-damaged',
      'index',
      unopened,
    );
    const isWhole = catalog !== undefined && index !== undefined;
    const followed = isWhole ? await followIfPossible({ ...stores, catalog, index, clock }, io) : undefined;
    const trusted = await trustedHere(new Secrets(config.secretsFolder), { ...stores, clock }, io);
    const parts = { ...stores, clock, catalog, index, followed };
    return await report(parts, { ...input, trusted }, unopened, io);
  },
  async runOpen(deployment, input, io) {
    await deployment.recorder.catchUp();
    const followed = deployment.catalog.position();
    const trusted = await trustedHere(deployment.secrets, deployment, io);
    return await report({ ...deployment, followed }, { ...input, trusted }, [], io);
  },
});

/** What the ledger must contain, whatever checkpoint was given: what the signer here signed last, where that is known. */
async function trustedHere(
  secrets: Secrets,
  parts: { readonly ledgerStore: LedgerStore; readonly clock: Clock },
  io: Io,
): Promise<readonly TreeHead[]> {
  const head = await lastSigned(secrets, parts, io);
  return head === undefined ? [] : [head];
}

async function report(
  parts: VerificationParts,
  options: Input & { readonly trusted: readonly TreeHead[] },
  unopened: readonly Finding[],
  io: Io,
): Promise<ExitCode> {
  const { verify } = await import('#verification');
  await using pool = new ParsingPool(1);
  const rereading = new Rereading({ archive: parts.archive, pool });
  const verification = verify(
    { ...parts, messages: rereading },
    {
      ...options,
      onProgress: ({ phase, done, total }) => io.progress({ what: phases[phase], done, total }),
    },
  );
  for (const finding of unopened) show(finding, io);
  for await (const finding of verification) {
    io.signal.throwIfAborted();
    show(finding, io);
  }
  const { entries, messages, bytes, root } = verification.summary;
  const findings = verification.summary.findings + unopened.length;
  const scope = options.full ? 'every byte read' : 'use --full to read every byte';
  const verdict = findings === 0 ? 'no fault found' : counted(findings, 'fault');
  const text = `${verdict}: ${counted(entries, 'entry', 'entries')}, ${counted(messages, 'message')} (${size(bytes)}), ${scope}\nroot ${root}`;
  io.result({ entries, messages, bytes, root, findings, full: options.full }, text);
  return findings === 0 ? 0 : 1;
}

function show(finding: Finding, io: Io): void {
  const { code, place, problem, remedy } = finding;
  io.result({ ...finding }, `${code}: ${place}: ${problem}\n  ${remedy}`);
}

interface Followable extends VerificationParts {
  readonly catalog: Catalog;
  readonly index: SearchIndex;
}

/**
 * After a crash, catalog and index lag behind the ledger, which is no fault. Damage is not followed: it will be named.
 * @returns the entries that both are brought up to; undefined where they could not be
 */
async function followIfPossible(parts: Followable, io: Io): Promise<number | undefined> {
  try {
    await using ledger = await Ledger.open({ store: parts.ledgerStore, clock: parts.clock });
    await using pool = new ParsingPool(1);
    const indexing = await Indexing.open({ ...parts, pool });
    const onProgress = (done: number, total: number) => io.progress({ what: 'Catching up', done, total });
    await new Followers(ledger, parts.catalog, indexing).catchUp(onProgress);
    return parts.catalog.position();
  } catch (fault) {
    io.note(`note: catalog and index could not be brought up to the ledger: ${messageOf(fault)}`);
    return undefined;
  }
}

/** What cannot be opened is a finding, not the end. */
async function opened<T>(
  open: () => Promise<T>,
  code: Finding['code'],
  place: string,
  findings: Finding[],
): Promise<T | undefined> {
  try {
    return await open();
  } catch (fault) {
    findings.push({ code, place, problem: messageOf(fault), remedy: 'Run `muniment rebuild`.' });
    return undefined;
  }
}
