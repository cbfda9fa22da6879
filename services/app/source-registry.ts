import { realpathSync } from 'node:fs';
import { type Clock, messageOf, newId } from '#kernel';
import type { CollectionRecord, QuarantineRecord, Recorder, SourceRecord } from '#catalog';
import {
  collect,
  type CollectOptions,
  ConnectPolicy,
  idOfImport,
  type Spool,
  type Tally,
  type WatchableSource,
} from '#ingest';
import type { JobQueue } from '#jobs';
import { type FileFormat } from '../ingest/sources/candidates.ts';
import { FileSource } from '../ingest/sources/file-source.ts';
import { ImapSource } from '../ingest/sources/imap-source.ts';
import { AppFault } from './app-fault.ts';
import type { Config } from './config.ts';
import type { Secrets } from './secrets.ts';

export interface NewImapSource {
  readonly name: string;
  readonly custodian: string;
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string;
  readonly tls: 'implicit' | 'starttls' | 'none';
  readonly mailboxes?: readonly string[] | undefined;
}

export interface ImportOrder {
  readonly path: string;
  readonly format: FileFormat;
  readonly custodian?: string | undefined;
}

/** A source with what its runs brought. */
export interface SourceStatus {
  readonly source: SourceRecord;
  readonly collections: readonly CollectionRecord[];
  readonly quarantined: readonly QuarantineRecord[];
}

export interface SourceParts {
  readonly recorder: Recorder;
  readonly secrets: Secrets;
  readonly queue: JobQueue;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly config: Config;
  readonly temporaryFolder: string;
}

/** The configured origins of mail, and one run of one of them. */
export class SourceRegistry {
  readonly #parts: SourceParts;
  readonly #running = new Set<string>();

  constructor(parts: SourceParts) {
    this.#parts = parts;
  }

  list(): SourceStatus[] {
    const { sources, accounting } = this.#parts.recorder.catalog;
    return sources.all().map((source) => ({
      source,
      collections: sources.collections(source.id),
      quarantined: accounting.inQuarantine(source.id),
    }));
  }

  /** @throws AppFault `unknown-source` */
  get(name: string): SourceRecord {
    const found = this.#parts.recorder.catalog.sources.byName(name);
    if (found !== undefined) return found;
    throw new AppFault('unknown-source', `There is no source "${name}".`, {
      remedy: 'List them with `muniment sources list`, or add it with `muniment sources add imap`.',
    });
  }

  /** @throws AppFault `source-exists`; SourceFault `connect-not-allowed`, `host-not-found` */
  async addImap(source: NewImapSource, actor: string): Promise<SourceRecord> {
    const { recorder, secrets, config } = this.#parts;
    if (recorder.catalog.sources.byName(source.name) !== undefined) {
      throw new AppFault('source-exists', `There is a source "${source.name}" already.`, {
        remedy: 'Choose another name.',
      });
    }
    await ConnectPolicy.parse(config.connectAllow).check(source.host, source.port);
    const id = newId();
    secrets.seal(id, source.password);
    const { password: _, mailboxes, ...named } = source;
    const aside = { ...named, ...(mailboxes !== undefined && { mailboxes: [...mailboxes] }) };
    await recorder.ledger.append([{ kind: 'source-changed', actor, source: id, type: 'imap', action: 'added', aside }]);
    await recorder.catchUp();
    return this.get(source.name);
  }

  imapSources(): SourceRecord[] {
    return this.#parts.recorder.catalog.sources.all().filter((source) => source.type === 'imap');
  }

  /** The source, ready to run. @throws AppFault `secret-damaged` */
  open(source: SourceRecord): WatchableSource {
    const { secrets, config, temporaryFolder } = this.#parts;
    const { id, custodian, host = '', port = 0, user = '', tls = 'implicit', mailboxes } = source;
    const password = secrets.unseal(id);
    const options = { id, custodian, host, port, user, password, tls, mailboxes, temporaryFolder };
    const pollMs = config.collectEverySeconds * 1000;
    return new ImapSource({ ...options, pollMs }, ConnectPolicy.parse(config.connectAllow));
  }

  /** One run of one IMAP source; never two at once. @throws AppFault `in-use`; the source's faults */
  async collect(source: SourceRecord, opened: WatchableSource, options: CollectOptions): Promise<Tally> {
    if (this.#running.has(source.id)) {
      throw new AppFault('in-use', `The source "${source.name}" is being collected already.`, {
        remedy: 'Wait for that run to end.',
      });
    }
    this.#running.add(source.id);
    try {
      return await collect(this.#parts, opened, options);
    } finally {
      this.#running.delete(source.id);
    }
  }

  /** Imports files. The same folder is the same source, however often it is imported. */
  async import(order: ImportOrder, actor: string, options: CollectOptions): Promise<Tally> {
    const { recorder, temporaryFolder } = this.#parts;
    const root = realPath(order.path);
    const id = idOfImport(recorder.catalog.sightingSalt ?? '', root);
    if (recorder.catalog.sources.byId(id) === undefined) {
      const aside = { name: root, custodian: order.custodian ?? '', root };
      await recorder.ledger.append([
        { kind: 'source-changed', actor, source: id, type: 'import', action: 'added', aside },
      ]);
      await recorder.catchUp();
    }
    const source = new FileSource({
      id,
      path: root,
      format: order.format,
      custodian: order.custodian,
      temporaryFolder,
    });
    return collect(this.#parts, source, { ...options, root });
  }
}

/** @throws AppFault `usage` for a path that does not exist or cannot be reached */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new AppFault('usage', `Cannot import ${path}: ${messageOf(cause)}.`, {
      remedy: 'Check the path, and the permissions on the way to it.',
      cause,
    });
  }
}
