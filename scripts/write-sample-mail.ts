/** `npm run sample-mail -- DIR`: writes the sample mail below a new or empty folder, `<custodian>/<folder>/<n>.eml`. */
import { mkdirSync, readdirSync } from 'node:fs';
import { writeSampleMail } from './sample-mail/index.ts';

const folder = process.argv[2];
if (folder === undefined) {
  process.stderr.write('Usage: npm run sample-mail -- DIR\n');
  process.exitCode = 64;
} else {
  mkdirSync(folder, { recursive: true });
  if (readdirSync(folder).length > 0) {
    process.stderr.write(`${folder} is not empty: name a new folder.\n`);
    process.exitCode = 2;
  } else {
    const { messages, bytes } = await writeSampleMail(folder);
    process.stdout.write(`wrote ${messages} messages, ${bytes.toLocaleString('en-US')} bytes, to ${folder}\n`);
  }
}
