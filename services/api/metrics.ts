import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import { AskedServer } from './asked-server.ts';

/** Figures by the value of a label. */
export type ByLabel = Readonly<Record<string, number>>;

/** A figure in a server's answer; one for each value of the label where there is one. */
export interface AskedFigure<Answer> {
  readonly name: string;
  readonly help: string;
  readonly label?: string;
  readonly of: (answer: Answer) => number | ByLabel;
}

/** What /metrics shows. Figures are read when it is asked for. */
export class Metrics {
  readonly registry = new Registry();
  readonly #requests: Histogram<'method' | 'route' | 'status'>;
  readonly #faults: Counter;
  readonly #servers = new Map<string, AskedServer<unknown>>();

  constructor() {
    collectDefaultMetrics({ register: this.registry });
    this.#requests = new Histogram({
      name: 'muniment_http_request_seconds',
      help: 'HTTP requests by route and status',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.005, 0.02, 0.1, 0.5, 2, 10],
      registers: [this.registry],
    });
    this.#faults = new Counter({
      name: 'muniment_http_faults_total',
      help: 'Requests that failed for a reason of ours',
      registers: [this.registry],
    });
  }

  /** A figure that is read when asked for. */
  gauge(name: string, help: string, read: () => number): void {
    const registers = [this.registry];
    const gauge: Gauge = new Gauge({ name, help, registers, collect: () => gauge.set(read()) });
  }

  /** What somebody else counts, from the start of the process on. */
  counter(name: string, help: string, label: string, read: () => ByLabel): void {
    const collect = (): void => {
      counter.reset();
      for (const [value, count] of Object.entries(read())) counter.inc({ [label]: value }, count);
    };
    const counter: Counter = new Counter({ name, help, labelNames: [label], registers: [this.registry], collect });
  }

  /**
   * Figures that a server is asked for, once a scrape. While it does not answer they are left out, and
   * `muniment_server_reachable` is 0 for it.
   */
  askedFor<Answer>(name: string, ask: () => Promise<Answer>, figures: readonly AskedFigure<Answer>[]): void {
    const server = new AskedServer(ask);
    if (this.#servers.size === 0) this.#tellReachable();
    this.#servers.set(name, server);
    for (const figure of figures) this.#asked(server, figure);
  }

  observe(request: { method: string; route: string; status: number; seconds: number }): void {
    const { method, route, status, seconds } = request;
    this.#requests.observe({ method, route, status: String(status) }, seconds);
    if (status >= 500) this.#faults.inc();
  }

  #asked<Answer>(server: AskedServer<Answer>, { name, help, label, of }: AskedFigure<Answer>): void {
    const collect = async (): Promise<void> => {
      const answer = await server.answer();
      const read = answer === undefined ? undefined : of(answer);
      if (typeof read === 'number') return gauge.set(read);
      gauge.reset();
      // A gauge without a label is 0 then, which nobody has said.
      if (label === undefined) return gauge.remove();
      for (const [value, count] of Object.entries(read ?? {})) gauge.set({ [label]: value }, count);
    };
    const labelNames = label === undefined ? [] : [label];
    const gauge: Gauge = new Gauge({ name, help, labelNames, registers: [this.registry], collect });
  }

  #tellReachable(): void {
    const collect = async (): Promise<void> => {
      const answers = await Promise.all(
        [...this.#servers].map(async ([name, one]) => [name, await one.answer()] as const),
      );
      for (const [server, answer] of answers) gauge.set({ server }, answer === undefined ? 0 : 1);
    };
    const gauge: Gauge = new Gauge({
      name: 'muniment_server_reachable',
      help: 'Whether what the figures of a part were asked from has answered (1) or not (0)',
      labelNames: ['server'],
      registers: [this.registry],
      collect,
    });
  }
}
