import type { BlobStore } from '#archive';
import { byTiles, type Catalog, type MessageRecord, type Recorder, type SightingRecord } from '#catalog';
import { type Certificate, certificateOf } from './certificate.ts';
import type { MessageReader } from './message-reader.ts';
import { newestChecked } from './newest.ts';
import { ReadingFault } from './reading-fault.ts';

export interface ShownMessage {
  readonly message: MessageRecord;
  /** Until when storage keeps it, by every schedule so far, in ms since 1970; `null`: no duty to keep. */
  readonly retainUntil: number | null;
  readonly sightings: readonly SightingRecord[];
  readonly holds: readonly string[];
  /** What it was disposed of by. */
  readonly certificate: Certificate | null;
  /** The generations before it, newest first: the same bytes, disposed of and shown again. */
  readonly earlier: readonly EarlierGeneration[];
}

export interface EarlierGeneration {
  readonly message: MessageRecord;
  readonly certificate: Certificate | null;
}

export type ReadKind = 'raw' | 'headers' | 'text' | 'message';

/** How people read: every answer that quotes a message is in the ledger before its first byte leaves (DESIGN rule 10). */
export class Reading {
  readonly #recorder: Recorder;
  readonly #archive: BlobStore;
  readonly #reader: MessageReader;

  constructor(recorder: Recorder, archive: BlobStore, reader: MessageReader) {
    this.#recorder = recorder;
    this.#archive = archive;
    this.#reader = reader;
  }

  /** What a digest, or an unambiguous beginning of one (at least 8 digits), names. @throws ReadingFault */
  find(digest: string): MessageRecord {
    const wanted = digest.trim().toLowerCase();
    if (!/^[0-9a-f]{8,64}$/u.test(wanted)) {
      throw new ReadingFault('digest-invalid', `"${digest}" is not a digest.`, {
        remedy: 'Give 8 to 64 hexadecimal digits, as `muniment search` shows them.',
      });
    }
    const found = this.#recorder.catalog.messages.byPrefix(wanted);
    const first = found[0];
    if (first === undefined) {
      throw new ReadingFault('no-such-message', `There is no message ${digest}.`, {
        remedy: 'Check the digest with `muniment search`.',
      });
    }
    if (found.every((one) => one.digest === first.digest)) return first;
    throw new ReadingFault('digest-ambiguous', `${digest} begins more than one digest.`, {
      remedy: 'Give more digits.',
    });
  }

  /** What is known of a message, without its content. */
  async about(message: MessageRecord): Promise<ShownMessage> {
    const { messages, sightings, holds } = this.#recorder.catalog;
    const stored = message.state === 'archived' ? await this.#archive.stat(message) : undefined;
    return {
      message,
      retainUntil: stored?.lock.retainUntil ?? message.retainUntil,
      sightings: sightings.ofMessage(message.sequence),
      holds: holds.onMessage(message.sequence).map((hold) => hold.id),
      certificate: this.#certificate(message),
      earlier: messages.before(message).map((one) => ({ message: one, certificate: this.#certificate(one) })),
    };
  }

  /**
   * A C2SP tlog-proof that the message's capture is in the ledger, by the checkpoint of `asOf`, the newest by default.
   * @throws ReadingFault `as-of-beyond`, `as-of-before-capture`
   */
  async proof({ sequence, digest }: MessageRecord, asOf: number | undefined): Promise<string> {
    await newestChecked(this.#recorder, asOf);
    if (asOf !== undefined && asOf < sequence) {
      throw new ReadingFault('as-of-before-capture', `${digest} was captured at sequence ${sequence}, after ${asOf}.`, {
        remedy: `Give ${sequence} or a later sequence, or none for the newest.`,
      });
    }
    const size = asOf === undefined ? undefined : asOf + 1;
    return byTiles(this.#folded, (tiles) => this.#recorder.ledger.proof(tiles, sequence, size));
  }

  /** A signed C2SP checkpoint of the ledger up to `asOf`, the newest by default. @throws ReadingFault `as-of-beyond` */
  async checkpoint(asOf: number | undefined): Promise<string> {
    const newest = await newestChecked(this.#recorder, asOf);
    return byTiles(this.#folded, (tiles) => this.#recorder.ledger.checkpoint(tiles, (asOf ?? newest) + 1));
  }

  /** The bytes as received, in chunks, recorded before the first. @throws ReadingFault `disposed`; ArchiveFault `damaged` */
  async *raw(message: MessageRecord, actor: string): AsyncIterable<Buffer> {
    await this.#recordRead(message, 'raw', actor);
    yield* this.#archive.stream(message);
  }

  /** The header block as text. @throws ReadingFault `disposed`, `too-costly`; ArchiveFault `damaged` */
  async headers(message: MessageRecord, actor: string): Promise<string> {
    await this.#recordRead(message, 'headers', actor);
    return this.#reader.headers(message);
  }

  /**
   * What a person reads: addresses, subject, date, body, attachments.
   * @throws ReadingFault `disposed`, `too-costly`; ArchiveFault `damaged`
   */
  async text(message: MessageRecord, actor: string): Promise<string> {
    await this.#recordRead(message, 'text', actor);
    return this.#reader.text(message);
  }

  readonly #folded = async (): Promise<Catalog> => {
    await this.#recorder.fold();
    return this.#recorder.catalog;
  };

  #certificate({ state, sequence }: MessageRecord): Certificate | null {
    return state === 'archived' ? null : certificateOf(this.#recorder.catalog.dispositions.ofMessage(sequence));
  }

  async #recordRead(message: MessageRecord, what: ReadKind, actor: string): Promise<void> {
    if (message.state !== 'archived') {
      throw new ReadingFault('disposed', `The message ${message.digest} was disposed of.`, {
        remedy: 'The content is gone. `muniment show` has the certificate.',
      });
    }
    await this.#recorder.ledger.append([{ kind: 'read', actor, what, captures: [message.sequence], aside: {} }]);
  }
}
