import { z } from 'zod';
import type { Certificate, EarlierGeneration, ShownMessage } from '#reading';
import { AppFault } from '../app-fault.ts';
import { archiveCommand } from './command.ts';
import { shown, size } from './io.ts';
import { isoOf } from './moment.ts';

const schema = z.strictObject({
  digest: z.string(),
  raw: z.boolean().default(false),
  headers: z.boolean().default(false),
  text: z.boolean().default(false),
});

export const showCommand = archiveCommand<z.infer<typeof schema>>({
  name: 'show',
  summary: 'Read one message: its text, its headers, or its bytes as received',
  example: 'muniment show 3fb1c2d4e5f6 --headers',
  creates: false,
  schema,
  configure: (program) =>
    program
      .argument('<digest>', 'the digest, or its first 8 or more digits')
      .option('--raw', 'the bytes as received')
      .option('--headers', 'the header block')
      .option('--text', 'readable text'),
  input: ([digest], options) => ({ digest, ...options }),
  async run({ reading }, input, io) {
    if ([input.raw, input.headers, input.text].filter(Boolean).length > 1) {
      throw new AppFault('usage', 'Only one of --raw, --headers and --text can be shown at a time.', {
        remedy: 'See muniment show --help.',
      });
    }
    const message = reading.find(input.digest);
    if (input.raw) {
      for await (const chunk of reading.raw(message, 'cli')) await io.bytes(chunk);
      return 0;
    }
    if (input.headers || input.text) {
      const text = input.headers ? await reading.headers(message, 'cli') : await reading.text(message, 'cli');
      io.result({ digest: message.digest, [input.headers ? 'headers' : 'text']: text }, text.replace(/\n$/u, ''));
      return 0;
    }
    io.result(...described(await reading.about(message)));
    return 0;
  },
});

/** What is known of a message without reading it. */
function described(about: ShownMessage): [object, string] {
  const { message, retainUntil, sightings, holds, certificate, earlier } = about;
  const { digest, sequence, generation, capturedAt, flags, state } = message;
  const until = retainUntil === null ? null : isoOf(retainUntil);
  const facts = { digest, sequence, generation, size: message.size, capturedAt: isoOf(capturedAt), state, flags };
  const seen = sightings.map(({ seenAt, ...sighting }) => ({ ...sighting, seenAt: isoOf(seenAt) }));
  const lines = [
    `digest     ${digest}`,
    `sequence   ${sequence}, generation ${generation}, ${state}`,
    `size       ${size(message.size)}`,
    `captured   ${isoOf(capturedAt) ?? ''}`,
    `flags      ${flags.join(', ') || 'none'}`,
    `holds      ${holds.join(', ') || 'none'}`,
    `retained   ${until === null ? 'no retention period' : `until ${until}`}`,
    ...sightings.map((one) => `seen       ${shown(one.custodian)}: ${shown(one.path ?? one.mailbox)}`),
    ...disposedOf(certificate),
    ...earlier.flatMap(earlierLines),
    ...(certificate === null ? ['Read it with --text, --headers or --raw.'] : []),
  ];
  const before = earlier.map(earlierJson);
  return [{ ...facts, retainUntil: until, holds, sightings: seen, certificate, earlier: before }, lines.join('\n')];
}

/** What remains to be shown of a message that is gone. */
function disposedOf(certificate: Certificate | null): string[] {
  if (certificate === null) return [];
  const { order, reason, orderedAt, disposed } = certificate;
  return [
    `ordered    ${orderedAt}, order ${order}: ${shown(reason)}`,
    `disposed   ${disposed === null ? 'not yet certified: the next start finishes it' : `certified by ledger entry ${disposed}`}`,
  ];
}

function earlierJson({ message, certificate }: EarlierGeneration): object {
  const { generation, sequence, state, capturedAt } = message;
  return { generation, sequence, state, capturedAt: isoOf(capturedAt), certificate };
}

function earlierLines({ message, certificate }: EarlierGeneration): string[] {
  const { generation, sequence, state, capturedAt } = message;
  const captured = isoOf(capturedAt) ?? '';
  return [
    `earlier    generation ${generation}, sequence ${sequence}, ${state}, captured ${captured}`,
    ...disposedOf(certificate),
  ];
}
