import { z } from 'zod';
import { archiveCommand } from './command.ts';
import { shown, size } from './io.ts';
import { isoOf } from './search.ts';

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
    const about = reading.about(message);
    const { digest, sequence, generation, capturedAt, flags, state, retainUntil } = message;
    const facts = { digest, sequence, generation, size: message.size, capturedAt: isoOf(capturedAt), state, flags };
    const sightings = about.sightings.map(({ seenAt, ...sighting }) => ({ ...sighting, seenAt: isoOf(seenAt) }));
    const until = retainUntil === null ? null : isoOf(retainUntil);
    const lines = [
      `digest     ${digest}`,
      `sequence   ${sequence}, generation ${generation}, ${state}`,
      `size       ${size(message.size)}`,
      `captured   ${isoOf(capturedAt) ?? ''}`,
      `flags      ${flags.join(', ') || 'none'}`,
      `holds      ${about.holds.join(', ') || 'none'}`,
      ...about.sightings.map((seen) => `seen       ${shown(seen.custodian)}: ${shown(seen.path ?? seen.mailbox)}`),
      'Read it with --text, --headers or --raw.',
    ];
    io.result({ ...facts, retainUntil: until, holds: about.holds, sightings }, lines.join('\n'));
    return 0;
  },
});
