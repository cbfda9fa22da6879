import type { Found, Source } from '#ingest';
import { digestOf } from '#kernel';

export interface ShownFolder {
  /** Made as they are asked for, where it is a generator. */
  readonly messages: Iterable<Buffer>;
  readonly custodian?: string;
  /** Before each message is shown. */
  readonly onShow?: ((index: number) => void | Promise<void>) | undefined;
}

/** A source that shows messages in memory, as files of one folder. */
export function folderSource(id: string, { messages, custodian = 'ada', onShow }: ShownFolder): Source {
  return {
    id,
    async *sightings(): AsyncGenerator<Found> {
      let index = 0;
      for (const bytes of messages) {
        await onShow?.(index);
        const place = { custodian, mailbox: 'inbox', format: 'eml' as const, path: `${id}/${index}.eml` };
        yield { kind: 'message', place, content: { bytes }, size: bytes.length, digest: digestOf(bytes) };
        index += 1;
      }
    },
  };
}
