import type { Muniment, Ran, Running } from './muniment.ts';

const stopMsMax = 10_000;

/** What a test asks of the status over HTTP. */
interface ToldStatus {
  readonly code: number;
  readonly messages: number;
  readonly worm: { readonly standing: string; readonly since: number | null } | undefined;
}

/** `muniment serve` as a child process, from its first line to its end. */
export class ServedProgram {
  readonly running: Running;
  readonly url: string;
  /** Only the first start on an archive has one. */
  readonly token: string | undefined;

  private constructor(running: Running, url: string, token: string | undefined) {
    this.running = running;
    this.url = url;
    this.token = token;
  }

  /** @param roles of the process; all of them where none is named */
  static async start(program: Muniment, ...roles: readonly string[]): Promise<ServedProgram> {
    const running = program.start('serve', ...(roles.length > 0 ? ['--role', roles.join(',')] : []));
    await running.until(() => running.stdout.includes('\n'));
    if (running.hasEnded) throw new Error(`serve ended: ${(await running.ended()).stderr}`);
    const first = JSON.parse(running.stdout.split('\n')[0] ?? '') as { url?: string; token?: string };
    // A fault of the start is told as a line as well.
    if (first.url === undefined) throw new Error(`serve did not start: ${running.stdout}`);
    return new ServedProgram(running, first.url, first.token);
  }

  async status(token: string): Promise<ToldStatus> {
    const response = await fetch(`${this.url}/api/v1/status`, { headers: { authorization: `Bearer ${token}` } });
    const { messages = 0, worm } = (await response.json()) as Partial<ToldStatus>;
    return { code: response.status, messages, worm };
  }

  /** SIGTERM. @throws when it takes longer than the 10 s that are promised */
  async stop(): Promise<Ran> {
    this.running.kill('SIGTERM');
    const late = AbortSignal.timeout(stopMsMax);
    const tooLate = new Promise<never>((_, reject) => {
      late.addEventListener('abort', () => reject(new Error('serve did not stop within 10 s')), { once: true });
    });
    return await Promise.race([this.running.ended(), tooLate]);
  }
}
