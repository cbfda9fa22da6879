import { parseArgs } from 'node:util';
import { messageOf } from '#kernel';
import { writeSampleMail } from '../sample-mail/index.ts';
import { Stage, typed } from './stage.ts';
import { tour } from './tour.ts';
import type { Service, Workshop } from './workshop.ts';

const interruptedCode = 130;
/** sysexits.h EX_USAGE */
const usageCode = 64;

/** Where the tour takes place: a throw-away archive, and what serves it. */
export interface Scene {
  readonly workshop: Workshop;
  readonly api: Service;
  /** Ends when one of its processes has ended. */
  readonly ended: Promise<unknown>;
}

/** What a scene is made with; what `parts` has goes when the demo ends. */
export interface Making {
  readonly stage: Stage;
  readonly signal: AbortSignal;
  readonly parts: AsyncDisposableStack;
}

/**
 * Makes the scene, shows the tour, and leaves the archive to the person who watches until Ctrl-C; with --once it ends after
 * the tour. Sets the exit code: 1 where a step does not come to what it promises. Nothing is left behind.
 */
export async function runDemo(makeScene: (making: Making) => Promise<Scene>): Promise<void> {
  const once = typedOnce();
  if (once === undefined) return;
  const signal = interruption();
  try {
    await demo(makeScene, signal, once);
    process.exitCode = 0;
  } catch (thrown) {
    if (signal.aborted) process.exitCode = interruptedCode;
    else {
      process.stderr.write(`\nThe demo failed: ${messageOf(thrown)}\n`);
      process.exitCode = 1;
    }
  }
}

/** Says what there is, once the workshop is open. */
export async function introduce({ stage }: Pick<Making, 'stage'>, workshop: Workshop, where: string): Promise<void> {
  const mail = await writeSampleMail(workshop.path('mail'));
  stage.say(`Muniment: a tour on an archive ${where}, which goes when it ends.`);
  stage.say(`There are ${mail.messages} messages below ./mail. "muniment" stands for "npm exec muniment --".`);
}

/** Undefined where something else was typed: then that is said. */
function typedOnce(): boolean | undefined {
  try {
    return parseArgs({ options: { once: { type: 'boolean', default: false } } }).values.once;
  } catch (thrown) {
    process.stderr.write(`${messageOf(thrown)}\nUsage: npm run demo [-- --once]\n`);
    process.exitCode = usageCode;
    return undefined;
  }
}

async function demo(makeScene: (making: Making) => Promise<Scene>, signal: AbortSignal, once: boolean): Promise<void> {
  await using parts = new AsyncDisposableStack();
  const stage = new Stage(signal);
  const scene = await makeScene({ stage, signal, parts });
  await stage.pause();
  await tour(scene.workshop, stage);
  if (once) {
    stage.heading('Done: every step did what it says. The service stops, and everything is removed.');
    return;
  }
  sayWhatNext(stage, scene);
  await Promise.race([scene.ended, aborted(signal)]);
  if (!signal.aborted) throw new Error('The service ended by itself.');
  stage.say('\nStopping, and removing everything.');
}

function sayWhatNext(stage: Stage, { workshop, api: { url, token } }: Scene): void {
  const exported = Object.entries({ ...workshop.environment, TOKEN: token });
  stage.heading('The service goes on running. In another terminal, in this folder, try:');
  stage.say(`
${exported.map(([name, value]) => `  export ${name}=${typed([value])}`).join('\n')}
  npm exec muniment -- search 'bolts AND (brittle OR cracked) NOT from:priya'
  npm exec muniment -- matter show 'Sallow Ferry'
  npm exec muniment -- --help

  curl -H "Authorization: Bearer $TOKEN" ${url}/api/v1/status
  curl -H "Authorization: Bearer $TOKEN" '${url}/api/v1/search?q=%22blue+heron%22'
  curl -H "Authorization: Bearer $TOKEN" ${url}/openapi.json
`);
  stage.say('Ctrl-C stops it and removes everything.');
}

function interruption(): AbortSignal {
  const aborting = new AbortController();
  const stop = () => aborting.abort(new Error('interrupted'));
  // Not `once`: a second Ctrl-C must not cut the clearing up short.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, stop);
  return aborting.signal;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
