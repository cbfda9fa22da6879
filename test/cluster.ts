import { setTimeout } from 'node:timers/promises';
import { ClusterProcess } from './cluster-process.ts';
import type { Muniment } from './muniment.ts';
import { onServers, placeArchive, type PlacedArchive, type Profile } from './placed-archive.ts';
import { type OwnServer, ownServer, type ServerName } from './servers.ts';
import { TcpProxy } from './tcp-proxy.ts';

/** The processes of docker-compose.yml, and a second committer that stands by. */
const usualRoles: Readonly<Record<string, string>> = {
  api: 'api',
  committer: 'committer',
  standby: 'committer',
  'worker-1': 'worker',
  'worker-2': 'worker',
  scheduler: 'scheduler',
  collector: 'collector',
};

const askAgainMs = 200;
const serverNames = ['redis', 'elasticsearch', 's3'] as const;
type ClusterServer = (typeof serverNames)[number];

export interface ClusterOptions {
  /** With the archive in a bucket. Only the servers that it needs are started. */
  readonly profile?: Profile;
  /** Role by name of each process; the usual ones where absent. */
  readonly roles?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
}

/**
 * The whole program on servers of its own, one process per role, each started again when it ends, as a container engine
 * does. S3 is reached through a proxy. Everything in it may be killed at any time.
 */
export class Cluster implements AsyncDisposable {
  readonly placed: PlacedArchive;
  readonly servers: Readonly<Record<ClusterServer, OwnServer>>;
  readonly s3Line: TcpProxy;
  readonly processes: ReadonlyMap<string, ClusterProcess>;
  readonly #restarting = new Map<string, Promise<void>>();
  readonly #resources: AsyncDisposableStack;

  private constructor(
    placed: PlacedArchive,
    servers: Readonly<Record<ClusterServer, OwnServer>>,
    s3Line: TcpProxy,
    processes: ReadonlyMap<string, ClusterProcess>,
    resources: AsyncDisposableStack,
  ) {
    this.placed = placed;
    this.servers = servers;
    this.s3Line = s3Line;
    this.processes = processes;
    this.#resources = resources;
  }

  static async start(options: ClusterOptions = {}): Promise<Cluster> {
    const { profile = onServers, roles = usualRoles, env = {} } = options;
    await using opening = new AsyncDisposableStack();
    const needed = serverNames.filter((name) => profile.needs.includes(name));
    const started = await Promise.all(needed.map(async (name) => opening.use(await ownServer(name))));
    const servers = Object.fromEntries(needed.map((name, at) => [name, started[at]])) as Cluster['servers'];
    const s3Line = opening.use(await TcpProxy.to(Number(new URL(servers.s3.url).port)));
    const urlOf = async (name: ServerName): Promise<string> =>
      await Promise.resolve(name === 's3' ? `http://127.0.0.1:${s3Line.port}` : servers[name as ClusterServer].url);
    const placed = opening.use(await placeArchive(profile, urlOf));
    const processes = new Map<string, ClusterProcess>();
    for (const [name, role] of Object.entries(roles)) {
      const program = await placed.process(name, env);
      processes.set(name, opening.use(new ClusterProcess(program, role)));
    }
    // The first one begins the archive, and where it is the API has the token.
    const [first, ...others] = processes.values();
    await first?.serving();
    await Promise.all(others.map((one) => one.serving()));
    return new Cluster(placed, servers, s3Line, processes, opening.move());
  }

  get program(): Muniment {
    return this.placed.program;
  }

  /** Everything that can be killed. */
  get names(): readonly string[] {
    return [...this.processes.keys(), ...Object.keys(this.servers)];
  }

  /** SIGKILL; it is started again at once, which `whole` waits for. Waits for an earlier restart of the same first. */
  async kill(name: string): Promise<void> {
    await this.#restarting.get(name);
    const process = this.processes.get(name);
    if (process !== undefined) {
      await process.serving();
      process.kill();
      this.#restarting.set(
        name,
        process.serving().then(() => undefined),
      );
      return;
    }
    const server = this.servers[name as ClusterServer];
    await server.kill();
    const restarting = server.start();
    restarting.catch(() => undefined);
    this.#restarting.set(name, restarting);
  }

  /** When everything runs. @throws when a server did not start again */
  async whole(): Promise<void> {
    await Promise.all(this.#restarting.values());
    await Promise.all([...this.processes.values()].map((one) => one.serving()));
  }

  /** Ends of processes that nobody killed, with what they said. */
  get unexpectedEnds(): readonly string[] {
    return [...this.processes].flatMap(([name, { ends }]) => ends.map((said) => `${name}: ${said}`));
  }

  /** What the API says, whatever it is. Who cannot be reached is asked again. */
  async asked(path: string, body?: object): Promise<Response> {
    const process = this.processes.get('api');
    for (;;) {
      const url = (await process?.serving()) ?? '';
      const headers = { authorization: `Bearer ${process?.token ?? ''}`, 'content-type': 'application/json' };
      const request = { headers, ...(body !== undefined && { method: 'POST', body: JSON.stringify(body) }) };
      const response = await fetch(`${url}/api/v1/${path}`, request).catch(() => undefined);
      if (response !== undefined) return response;
      await setTimeout(askAgainMs);
    }
  }

  /** An answer of the API, once it has one. */
  async api<Answer>(path: string): Promise<Answer> {
    for (;;) {
      const response = await this.asked(path);
      if (response.ok) return (await response.json()) as Answer;
      await setTimeout(askAgainMs);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.allSettled(this.#restarting.values());
    await this.#resources.disposeAsync();
  }
}
