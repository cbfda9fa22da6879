import { mkdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { createApi, routes } from '#api';
import type { Entry } from '#ledger';
import { openDeployment } from '../services/app/compose.ts';
import type { Deployment } from '../services/app/deployment.ts';
import { readConfig } from '../services/app/config.ts';
import { metricsOf } from '../services/app/processes/figures.ts';
import { HttpListener } from '../services/app/processes/http-listener.ts';
import { statusOf } from '../services/app/status.ts';
import { TemporaryFolder } from './whole-archive.ts';

const json = 'application/json';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Record<string, unknown>;
}

/** The HTTP API of a real archive, in this process, on a free port of the loopback interface. */
export class ServedApi implements AsyncDisposable {
  readonly deployment: Deployment;
  readonly url: string;
  readonly folder: string;
  /** What was reported as a failure of ours. */
  readonly reported: unknown[];
  token: string;
  readonly #resources: AsyncDisposableStack;

  private constructor(
    parts: { deployment: Deployment; url: string; folder: string; token: string; reported: unknown[] },
    resources: AsyncDisposableStack,
  ) {
    this.deployment = parts.deployment;
    this.url = parts.url;
    this.folder = parts.folder;
    this.token = parts.token;
    this.reported = parts.reported;
    this.#resources = resources;
  }

  static async open(): Promise<ServedApi> {
    await using opening = new AsyncDisposableStack();
    const { path: folder } = opening.use(await TemporaryFolder.make());
    const env = { LISTEN_PORT: '0', CONNECT_ALLOW: '127.0.0.0/8' };
    const config = readConfig(env, join(folder, 'archive'));
    const deployment = opening.use(await openDeployment(config, { create: true }));
    const reported: unknown[] = [];
    const api = createApi(
      { ...deployment, metrics: metricsOf(deployment, true), status: () => statusOf(deployment) },
      { version: '1.2.3', report: (thrown) => reported.push(thrown), ready: () => true },
    );
    const { url } = opening.use(await HttpListener.open(config, api));
    const token = await deployment.tokens.rotate('cli');
    return new ServedApi({ deployment, url, folder, token, reported }, opening.move());
  }

  /** Archives messages of one custodian as files of a folder. */
  async archive(custodian: string, messages: readonly Buffer[]): Promise<void> {
    const folder = join(this.folder, 'mail', custodian);
    await mkdir(folder, { recursive: true });
    await Promise.all(messages.map((bytes, index) => writeFile(join(folder, `${index + 1}.eml`), bytes)));
    await this.import(join(this.folder, 'mail'));
  }

  async import(path: string): Promise<void> {
    const { signal } = new AbortController();
    await this.deployment.sources.import({ path, format: 'auto' }, 'cli', { signal });
  }

  fetch(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = { authorization: `Bearer ${this.token}`, ...Object.fromEntries(new Headers(init.headers)) };
    return fetch(`${this.url}${path}`, { ...init, headers });
  }

  /** Below /api/v1. Whatever comes is checked against what the API declares: the route's schema, or RFC 9457. */
  async call(path: string, body?: unknown, method = body === undefined ? 'GET' : 'POST'): Promise<Answer> {
    const sent = body === undefined ? {} : { headers: { 'content-type': json }, body: JSON.stringify(body) };
    const response = await this.fetch(`/api/v1${path}`, { method, ...sent });
    if (response.status >= 400) return problemIn(response);
    expect(response.headers.get('content-type')).toContain(json);
    const answer = (await response.json()) as Record<string, unknown>;
    const route = routeOf(method, path);
    expect(response.status).toBe(route.status);
    route.response.parse(answer);
    return { status: response.status, headers: response.headers, body: answer };
  }

  /** While `during` runs, nothing can be appended to the ledger: its folder is gone. */
  async withoutLedger<Result>(during: () => Promise<Result>): Promise<Result> {
    const { ledger } = this.deployment.folder;
    await rename(ledger, `${ledger}.gone`);
    try {
      return await during();
    } finally {
      await rename(`${ledger}.gone`, ledger);
    }
  }

  async entries(from = 0): Promise<Entry[]> {
    const all: Entry[] = [];
    for await (const batch of this.deployment.ledger.read(from)) all.push(...batch.entries);
    return all.filter((entry) => entry.sequence >= from);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#resources.disposeAsync();
  }
}

/** Checks that a refusal is an RFC 9457 problem that names what to do. */
export async function problemIn(response: Response): Promise<Answer> {
  expect(response.headers.get('content-type')).toContain('application/problem+json');
  expect(response.headers.get('content-disposition')).toBeNull();
  const body = (await response.json()) as Record<string, unknown>;
  expect(body).toMatchObject({
    type: `urn:muniment:problem:${String(body['code'])}`,
    title: expect.any(String),
    status: response.status,
    detail: expect.any(String),
  });
  return { status: response.status, headers: response.headers, body };
}

function routeOf(method: string, path: string) {
  const bare = path.split('?')[0] ?? '';
  const matching = routes.filter(
    (one) =>
      one.method === method.toLowerCase() &&
      new RegExp(`^${one.path.replaceAll(/\{\w+\}/gu, '[^/]+')}$`, 'u').test(bare),
  );
  // `/search/count` is named by itself, and no parameter stands where it does.
  const route = matching[0];
  if (route?.kind !== 'json') throw new Error(`${method} ${bare} is no JSON route`);
  return route;
}
