import { realpathSync } from 'node:fs';
import type { CollectionRecord, QuarantineRecord, Recorder, SourceRecord } from '#catalog';
import type { JobQueue } from '#jobs';
import { type Clock, messageOf, newId, Turnstile } from '#kernel';
import { collect, type CollectOptions } from './collect.ts';
import type { Tally } from './completeness.ts';
import type { ConnectPolicy } from './connect-policy.ts';
import { idOfImport } from './sighting-identity.ts';
import type { WatchableSource } from './source.ts';
import { SourceFault } from './source-fault.ts';
import type { FileFormat } from './sources/candidates.ts';
import { FileSource } from './sources/file-source.ts';
import { ImapSource } from './sources/imap-source.ts';
import { OwnFolders, type OwnPlaces } from './sources/own-folders.ts';
import type { Spool } from './spool.ts';

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

/** Keeps passwords where nobody reads them by accident. */
export interface PasswordVault {
  seal(source: string, password: string): void;
  /** @throws when there is none, or it cannot be opened */
  unseal(source: string): string;
}

export interface SourceParts {
  readonly recorder: Recorder;
  readonly passwords: PasswordVault;
  readonly queue: JobQueue;
  readonly spool: Spool;
  readonly clock: Clock;
  readonly policy: ConnectPolicy;
  readonly pollSeconds: number;
  readonly temporaryFolder: string;
  readonly own: OwnPlaces;
}

/** The configured origins of mail, and one run of one of them. */
export class SourceRegistry {
  readonly #parts: SourceParts;
  readonly #running = new Set<string>();
  /** A name is checked and taken in one turn. */
  readonly #naming = new Turnstile();

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

  /** @throws SourceFault `unknown-source` */
  get(name: string): SourceRecord {
    const found = this.#parts.recorder.catalog.sources.byName(name);
    if (found !== undefined) return found;
    throw new SourceFault('unknown-source', `There is no source "${name}".`, {
      remedy: 'List them with `muniment sources list`, or add it with `muniment sources add imap`.',
    });
  }

  /** @throws SourceFault `source-exists`; SourceFault `connect-not-allowed`, `host-not-found` */
  addImap(source: NewImapSource, actor: string): Promise<SourceRecord> {
    return this.#naming.pass(() => this.#addImap(source, actor));
  }

  async #addImap(source: NewImapSource, actor: string): Promise<SourceRecord> {
    const { recorder, passwords, policy } = this.#parts;
    if (recorder.catalog.sources.byName(source.name) !== undefined) {
      throw new SourceFault('source-exists', `There is a source "${source.name}" already.`, {
        remedy: 'Choose another name.',
      });
    }
    await policy.check(source.host, source.port);
    const id = newId();
    passwords.seal(id, source.password);
    const { password: _, mailboxes, ...named } = source;
    const aside = { ...named, ...(mailboxes !== undefined && { mailboxes: [...mailboxes] }) };
    await recorder.ledger.append([{ kind: 'source-changed', actor, source: id, type: 'imap', action: 'added', aside }]);
    await recorder.fold();
    return this.get(source.name);
  }

  imapSources(): SourceRecord[] {
    return this.#parts.recorder.catalog.sources.all().filter((source) => source.type === 'imap');
  }

  /** The source, ready to run. @throws SourceFault `secret-damaged` */
  open(source: SourceRecord): WatchableSource {
    const { passwords, policy, pollSeconds, temporaryFolder } = this.#parts;
    const { id, custodian, host = '', port = 0, user = '', tls = 'implicit', mailboxes } = source;
    const password = passwords.unseal(id);
    const options = { id, custodian, host, port, user, password, tls, mailboxes, temporaryFolder };
    return new ImapSource({ ...options, pollMs: pollSeconds * 1000 }, policy);
  }

  /** One run of one IMAP source; never two at once. @throws SourceFault `in-use`; the source's faults */
  async collect(source: SourceRecord, opened: WatchableSource, options: CollectOptions): Promise<Tally> {
    if (this.#running.has(source.id)) {
      throw new SourceFault('in-use', `The source "${source.name}" is being collected already.`, {
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

  /**
   * Imports files. The same folder is the same source, however often it is imported.
   * @throws SourceFault `path-not-found`, `path-not-mail`
   */
  async import(order: ImportOrder, actor: string, options: CollectOptions): Promise<Tally> {
    const { recorder, temporaryFolder } = this.#parts;
    const root = realPath(order.path);
    const own = new OwnFolders(this.#parts.own);
    own.refuse(root);
    const id = idOfImport(recorder.catalog.sightingSalt ?? '', root);
    if (recorder.catalog.sources.byId(id) === undefined) {
      const aside = { name: root, custodian: order.custodian ?? '', root };
      await recorder.ledger.append([
        { kind: 'source-changed', actor, source: id, type: 'import', action: 'added', aside },
      ]);
      await recorder.fold();
    }
    const source = new FileSource({
      id,
      path: root,
      format: order.format,
      custodian: order.custodian,
      temporaryFolder,
      own,
    });
    return collect(this.#parts, source, { ...options, root });
  }
}

/** @throws SourceFault `path-not-found` for a path that does not exist or cannot be reached */
function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch (cause) {
    throw new SourceFault('path-not-found', `Cannot import ${path}: ${messageOf(cause)}.`, {
      remedy: 'Check the path, and the permissions on the way to it.',
      cause,
    });
  }
}
