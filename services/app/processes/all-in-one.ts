import { pino, type Logger } from 'pino';
import { messageOf } from '#kernel';
import type { Config } from '../config.ts';
import type { Deployment } from '../deployment.ts';
import { applicationOf, startApi } from './api.ts';
import { startCollector } from './collector.ts';
import { startCommitter } from './committer.ts';
import { HttpListener } from './http-listener.ts';
import { inBackground } from './repeating.ts';
import type { Role } from './role.ts';
import { startScheduler } from './scheduler.ts';
import { startWorker } from './worker.ts';

export interface Serving {
  readonly url: string;
  /** The bearer token, when this start made the first one. */
  readonly token: string | undefined;
}

type Start = (deployment: Deployment, log: Logger) => AsyncDisposable | Promise<AsyncDisposable>;

/** Those that others rely on come first, and end last. */
const starts: readonly (readonly [Role, Start])[] = [
  ['committer', startCommitter],
  ['worker', startWorker],
  ['scheduler', startScheduler],
  ['collector', startCollector],
  ['api', startApi],
];
const reliedOn: ReadonlySet<Role> = new Set(['committer', 'worker']);

/** How often a process looks for entries that others wrote. */
const followEveryMs = 1000;

/** The log of a process that serves: lines of JSON on standard error. */
export function logOf({ logLevel }: Config): Logger {
  return pino({ level: logLevel, base: null }, pino.destination(2));
}

/**
 * One process with some roles, or all of them, until the signal is aborted. Then it stops taking requests, lets those under
 * way finish for some seconds, stops collecting after the current batch, and returns.
 */
export async function serve(
  deployment: Deployment,
  { log, roles, signal }: { readonly log: Logger; readonly roles: ReadonlySet<Role>; readonly signal: AbortSignal },
  onServing: (serving: Serving) => void,
): Promise<void> {
  const state = { isServing: false };
  const application = applicationOf(deployment, log, roles.has('api'), () => state.isServing);
  await using listener = await HttpListener.open(deployment.config, application);
  // Only now: a token made before a start that fails would never be shown.
  const isFirst = roles.has('api') && !deployment.tokens.exists;
  const token = isFirst ? await deployment.tokens.rotate('cli') : undefined;
  await using background = await Background.start(deployment, roles, log);
  state.isServing = true;
  onServing({ url: listener.url, token });
  log.info({ url: listener.url, roles: [...roles] }, 'serving');
  await aborted(signal);
  state.isServing = false;
  log.info('stopping');
  // Together: each may take some seconds.
  await Promise.all([listener.close(), background.close()]);
}

/** What the roles do by themselves. */
class Background implements AsyncDisposable {
  /** Ends in turn, after all others. */
  readonly #reliedOn: AsyncDisposableStack;
  readonly #others: readonly AsyncDisposable[];
  #closing: Promise<void> | undefined;

  private constructor(relied: AsyncDisposableStack, others: readonly AsyncDisposable[]) {
    this.#reliedOn = relied;
    this.#others = others;
  }

  static async start(deployment: Deployment, roles: ReadonlySet<Role>, log: Logger): Promise<Background> {
    await using relied = new AsyncDisposableStack();
    await using others = new AsyncDisposableStack();
    const list: AsyncDisposable[] = [];
    for (const [role, start] of starts) {
      if (!roles.has(role)) continue;
      const part = await start(deployment, log);
      if (reliedOn.has(role)) relied.use(part);
      else list.push(others.use(part));
    }
    if (deployment.isShared) list.push(others.use(followOthers(deployment, log)));
    others.move();
    return new Background(relied.move(), list);
  }

  /** Ends all of it; what nobody relies on together. */
  close(): Promise<void> {
    return (this.#closing ??= this.#close());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  async #close(): Promise<void> {
    await Promise.all(this.#others.map((part) => part[Symbol.asyncDispose]()));
    await this.#reliedOn.disposeAsync();
  }
}

/** Folds what other processes write as it comes, so that nobody who asks this one has to wait for much. */
function followOthers({ recorder }: Deployment, log: Logger): AsyncDisposable {
  const report = (thrown: unknown) => log.error({ problem: messageOf(thrown) }, 'following the ledger failed');
  return inBackground(followEveryMs, report, () => recorder.fold());
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
