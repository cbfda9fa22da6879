import type { BlobStore } from '#archive';
import { Exporter } from '#export';
import { Capture, Indexing, ParsingPool, type Place, Rereading } from '#ingest';
import { digestOf, FixedClock, Turnstile } from '#kernel';
import { Ledger } from '#ledger';
import { Catalog, SeparateCatalog } from '#catalog';
import { HoldJudge, LegalHolds, Matters } from '#matters';
import { Disposition, Retention } from '#retention';
import { MemoryBlobStore } from '../../../services/archive/adapters/memory-blob-store.ts';
import { Followers } from '../../../services/app/followers.ts';
import { MemoryLedgerStore } from '../../../services/ledger/adapters/memory-ledger-store.ts';
import { MemorySigner } from '../../../services/ledger/adapters/memory-signer.ts';
import { MemoryIndex } from '../../../services/search/adapters/memory-index.ts';

/** What survives when everything derived is lost. */
export class Stores {
  readonly archive: BlobStore;
  readonly ledger = new MemoryLedgerStore();
  readonly signer = new MemorySigner();
  readonly clock = new FixedClock(Date.UTC(2026, 10, 23, 8));

  constructor(archive: BlobStore = new MemoryBlobStore()) {
    this.archive = archive;
  }
}

/** A whole archive in memory, put together as the program does it. */
export async function openArchive(stores = new Stores()) {
  const { archive, clock, signer } = stores;
  const options = { store: stores.ledger, signer, clock };
  const isNew = (await stores.ledger.newest()) === undefined;
  const ledger = isNew
    ? await Ledger.create({ ...options, origin: 'example.org/archive', actor: 'test' })
    : await Ledger.open(options);
  const catalog = Catalog.open(':memory:');
  const index = new MemoryIndex();
  const pool = new ParsingPool(1);
  const indexing = await Indexing.open({ archive, catalog, index, pool });
  const recorder = new Followers(ledger, catalog, indexing);
  const judge = new HoldJudge(catalog);
  const turnstile = new Turnstile();
  const retention = new Retention(recorder, archive, turnstile);
  const capture = new Capture({ recorder, archive, indexing, pool, judge, retention, clock, turnstile });
  const matters = new Matters(recorder);
  const holds = new LegalHolds({ recorder, archive, index, matters, judge, turnstile });
  const truth = new SeparateCatalog(ledger);
  const disposition = new Disposition({
    recorder,
    archive,
    index,
    contents: new Rereading({ archive, pool }),
    truth,
    clock,
    turnstile,
  });
  await recorder.catchUp();
  return {
    stores,
    ledger,
    catalog,
    index,
    recorder,
    truth,
    matters,
    holds,
    disposition,
    signer,
    exporter: new Exporter({ recorder, truth, archive, index }),
    get newest() {
      return ledger.head.size - 1;
    },
    /** One message, seen once. */
    async add(bytes: Buffer, place: Partial<Place> = {}): Promise<void> {
      const seen: Place = { custodian: 'ada', mailbox: 'INBOX', format: 'eml', ...place };
      const digest = digestOf(bytes);
      const source = '0123456789abcdef';
      clock.advance(1000);
      const item = { source, place: seen, digest, size: bytes.length, content: { bytes }, seenAt: clock.now() };
      await capture.capture([item]);
    },
    async [Symbol.asyncDispose]() {
      await ledger[Symbol.asyncDispose]();
      await pool[Symbol.asyncDispose]();
      truth[Symbol.dispose]();
      catalog[Symbol.dispose]();
    },
  };
}

export type TestArchive = Awaited<ReturnType<typeof openArchive>>;

/** A message; `ends` replaces its last line end. */
export function mail(subject: string, body: string, ends = '\r\n'): Buffer {
  const header = ['From: Ada <ada@example.org>', 'To: bob@example.org', `Subject: ${subject}`];
  const lines = [...header, 'Date: Mon, 2 Nov 2026 09:30:00 +0100', `Message-ID: <${subject}@example.org>`, '', body];
  return Buffer.from(lines.join('\r\n') + ends, 'latin1');
}
