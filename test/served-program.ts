import type { Muniment, Ran, Running } from './muniment.ts';

const stopMsMax = 10_000;

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

  static async start(program: Muniment): Promise<ServedProgram> {
    const running = program.start('serve');
    await running.until(() => running.stdout.includes('\n'));
    if (running.hasEnded) throw new Error(`serve ended: ${(await running.ended()).stderr}`);
    const first = JSON.parse(running.stdout.split('\n')[0] ?? '') as { url: string; token?: string };
    return new ServedProgram(running, first.url, first.token);
  }

  async status(token: string): Promise<{ readonly code: number; readonly messages: number }> {
    const response = await fetch(`${this.url}/api/v1/status`, { headers: { authorization: `Bearer ${token}` } });
    const body = (await response.json()) as { messages?: number };
    return { code: response.status, messages: body.messages ?? 0 };
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
