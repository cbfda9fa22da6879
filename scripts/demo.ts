/**
 * `npm run demo [-- --once]`: the whole program on a throw-away archive with the project's sample mail. Shows a tour made
 * of real commands and their real answers, then leaves the service running until Ctrl-C; with --once it ends after the
 * tour. Whatever a step does not come to as promised fails the demo: exit code 1. Nothing is left behind.
 */
import { messageOf } from '#kernel';
import { Stage } from './demo/stage.ts';
import { tour } from './demo/tour.ts';
import { type Service, Workshop } from './demo/workshop.ts';
import { writeSampleMail } from './sample-mail/index.ts';

const interruptedCode = 130;
const once = process.argv.includes('--once');

function interruption(): AbortSignal {
  const aborting = new AbortController();
  const stop = () => aborting.abort(new Error('interrupted'));
  // Not `once`: a second Ctrl-C must not cut the clearing up short.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return aborting.signal;
}

async function demo(stage: Stage, signal: AbortSignal): Promise<void> {
  await using workshop = await Workshop.open(signal);
  const mail = await writeSampleMail(workshop.path('mail'));
  stage.say(`Muniment: a tour on an archive in ${workshop.folder}, which goes when it ends.`);
  stage.say(`There are ${mail.messages} messages below ./mail. "muniment" stands for "npm exec muniment --".`);
  stage.prompt('One process has the archive; the other commands work through its socket.', 'muniment serve --json &');
  const service = await workshop.serve(['muniment', 'serve', '--json']);
  stage.output(service.announced, 1);
  await stage.pause();
  await tour(workshop, stage);
  if (once) {
    stage.heading('Done: every step did what it says. The service stops, and everything is removed.');
    return;
  }
  sayWhatNext(stage, workshop, service);
  await Promise.race([service.ended, aborted(signal)]);
  if (!signal.aborted) throw new Error('The service ended by itself.');
  stage.say('\nStopping, and removing everything.');
}

function sayWhatNext(stage: Stage, workshop: Workshop, { url, token }: Service): void {
  stage.heading('The service goes on running. In another terminal, in this folder, try:');
  stage.say(`
  export ARCHIVE_URL=file:${workshop.path('archive')} TOKEN=${token}
  npm exec muniment -- search 'bolts AND (brittle OR cracked) NOT from:priya'
  npm exec muniment -- matter show 'Sallow Ferry'
  npm exec muniment -- --help

  curl -H "Authorization: Bearer $TOKEN" ${url}/api/v1/status
  curl -H "Authorization: Bearer $TOKEN" '${url}/api/v1/search?q=%22blue+heron%22'
  curl -H "Authorization: Bearer $TOKEN" ${url}/openapi.json
`);
  stage.say('Ctrl-C stops it and removes everything.');
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const signal = interruption();
try {
  await demo(new Stage(signal), signal);
  process.exitCode = 0;
} catch (thrown) {
  if (signal.aborted) process.exitCode = interruptedCode;
  else {
    process.stderr.write(`\nThe demo failed: ${messageOf(thrown)}\n`);
    process.exitCode = 1;
  }
}
