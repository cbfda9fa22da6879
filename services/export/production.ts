import type { BlobStore } from '#archive';
import type { Catalog, MessageRecord } from '#catalog';
import type { Ledger } from '#ledger';
import { isUnjudged } from '#matters';
import { hash } from 'node:crypto';
import { EntryProofs } from './entry-proofs.ts';
import { ExportFault } from './export-fault.ts';
import type { ExportFiles, GrowingFile } from './export-files.ts';
import { EmlWriter } from './formats/eml-writer.ts';
import { MboxWriter } from './formats/mbox-writer.ts';
import type { MessageWriter } from './formats/message-writer.ts';
import { fileNames, proofPath } from './layout.ts';
import { exceptionLine, manifestLine, remarkLine } from './manifest.ts';
import {
  fetchInChunks,
  type FetchedMessage,
  type ReadableMessage,
  type UnreadableMessage,
} from './message-fetching.ts';
import type { ExportFormat, ExportOptions } from './order.ts';
import type { Selected } from './selecting.ts';

export interface ProductionParts {
  readonly ledger: Ledger;
  /** Folded from the ledger by this process. */
  readonly truth: Catalog;
  readonly archive: BlobStore;
  readonly files: ExportFiles;
  readonly format: ExportFormat;
  readonly asOf: number;
  /** Of the first `asOf + 1` entries. */
  readonly checkpoint: string;
}

export interface ProductionCounts {
  readonly exported: number;
  readonly bytes: number;
  readonly exceptions: number;
  readonly remarks: number;
  readonly unjudged: number;
}

/** Writes the messages of an export, and of each its line in the manifest, its ledger entry and its proof. */
export class Production {
  readonly #parts: ProductionParts;
  readonly #writer: MessageWriter;
  readonly #proofs: EntryProofs;
  readonly #manifest: GrowingFile;
  readonly #entries: GrowingFile;
  readonly #exceptions: GrowingFile;
  readonly #counts = { exported: 0, bytes: 0, exceptions: 0, remarks: 0, unjudged: 0 };

  private constructor(
    parts: ProductionParts,
    writer: MessageWriter,
    lists: { readonly manifest: GrowingFile; readonly entries: GrowingFile; readonly exceptions: GrowingFile },
  ) {
    this.#parts = parts;
    this.#writer = writer;
    this.#proofs = new EntryProofs(parts.truth.tiles, parts.asOf + 1, parts.checkpoint);
    this.#manifest = lists.manifest;
    this.#entries = lists.entries;
    this.#exceptions = lists.exceptions;
  }

  static async open(parts: ProductionParts): Promise<Production> {
    const { files, format } = parts;
    const manifest = await files.grow(fileNames.manifest);
    const entries = await files.grow(fileNames.entries);
    const exceptions = await files.grow(fileNames.exceptions);
    const writer = format === 'eml' ? new EmlWriter(files) : await MboxWriter.open(files);
    return new Production(parts, writer, { manifest, entries, exceptions });
  }

  async write(selected: Selected, { signal, onProgress }: ExportOptions): Promise<ProductionCounts> {
    const total = selected.sequences.size;
    let done = 0;
    const { unjudged } = selected;
    for await (const chunk of fetchInChunks(this.#parts.archive, this.#records(selected.sequences))) {
      signal?.throwIfAborted();
      await this.#writeChunk(chunk);
      this.#counts.unjudged += chunk.filter((one) => 'content' in one && unjudged.has(one.message.sequence)).length;
      done += chunk.length;
      onProgress?.({ done, total, bytes: this.#counts.bytes });
    }
    for (const message of this.#records(selected.disposedSince)) await this.#except({ message, reason: 'disposed' });
    return { ...this.#counts };
  }

  *#records(sequences: Selected['sequences']): Iterable<MessageRecord> {
    const { messages } = this.#parts.truth;
    for (const sequence of sequences) {
      const message = messages.bySequence(sequence);
      if (message !== undefined) yield message;
    }
  }

  async #writeChunk(chunk: readonly FetchedMessage[]): Promise<void> {
    const readable = chunk.filter((one): one is ReadableMessage => 'content' in one);
    const places = await this.#writer.write(readable);
    const { sightings } = this.#parts.truth;
    const lines = readable.map((one, index) => {
      const seen = sightings.ofMessage(one.message.sequence, this.#parts.asOf + 1);
      return manifestLine(one, places[index] ?? { path: '' }, seen);
    });
    await this.#manifest.append(lines.join(''));
    await this.#writeEvidence(readable);
    for (const one of chunk) await ('content' in one ? this.#remark(one) : this.#except(one));
  }

  async #writeEvidence(readable: readonly ReadableMessage[]): Promise<void> {
    const messages = readable.map(({ message }) => message);
    const entries: Buffer[] = [];
    for await (const entry of this.#parts.ledger.leaves(messages.map(({ sequence }) => sequence))) {
      const { sequence } = messages[entries.length / 2] ?? {};
      if (sequence === undefined || !this.#proofs.isLeaf(sequence, entry)) throw inconsistent(sequence ?? -1);
      entries.push(entry, newline);
    }
    await this.#entries.append(Buffer.concat(entries));
    const proofs = messages.map((message) => {
      const content = Buffer.from(this.#proofs.proof(message.sequence));
      return { path: proofPath(message), content, sha256: hash('sha256', content) };
    });
    await this.#parts.files.put(proofs);
  }

  async #remark({ message }: ReadableMessage): Promise<void> {
    this.#counts.exported += 1;
    this.#counts.bytes += message.size;
    if (!isUnjudged(message.flags)) return;
    this.#counts.remarks += 1;
    await this.#exceptions.append(remarkLine(message));
  }

  async #except({ message, reason }: UnreadableMessage): Promise<void> {
    this.#counts.exceptions += 1;
    await this.#exceptions.append(exceptionLine(message, reason));
  }
}

const newline = Buffer.from('\n');

function inconsistent(sequence: number): ExportFault {
  return new ExportFault('inconsistent', `Entry ${sequence} of the ledger is not what its tree says.`, {
    remedy: 'Run `muniment verify`; nothing is exported until the ledger is sound.',
    facts: { sequence },
  });
}
