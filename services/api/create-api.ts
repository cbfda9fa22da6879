import express, { type Express, type NextFunction, type Request, type Response } from 'express';
import helmet from 'helmet';
import { stopwatch } from '#kernel';
import type { ApiParts } from './api-parts.ts';
import { openApi } from './openapi.ts';
import { errorHandler, NotJson, problem, sendProblem } from './problem.ts';
import type { Route } from './route.ts';
import { routes } from './routes/index.ts';
import { ReaderGone } from './send-bytes.ts';

const bodyBytesMax = '256kb';

/** Whatever a browser makes of an answer, it runs nothing and loads nothing. */
const contentPolicy = {
  useDefaults: false,
  directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"], sandbox: [] as string[] },
};

export interface ApiOptions {
  readonly version: string;
  /** Told of every failure that is ours. */
  readonly report: (thrown: unknown) => void;
  /** False while starting and stopping. */
  readonly ready: () => boolean;
  /** Why searches cannot be answered at the moment. */
  readonly searchTrouble?: () => string | undefined;
}

/** What health and metrics are told by. */
export type HealthParts = Pick<ApiParts, 'metrics'> & { readonly tokens: Pick<ApiParts['tokens'], 'actorOf'> };

/** Health for everybody, metrics for who has the token: what every process answers, whatever else it does. */
export function createHealth(parts: HealthParts, options: ApiOptions): Express {
  const api = begin(parts, options);
  return end(api, options);
}

/** The HTTP API as an Express application. Listening, TLS and shutdown are the process's. */
export function createApi(parts: ApiParts, options: ApiOptions): Express {
  const api = begin(parts, options);
  const document = openApi(routes, options.version);
  api.get('/openapi.json', (_request, response) => void response.json(document));
  api.use(express.json({ limit: bodyBytesMax }));
  for (const route of routes) mount(api, route, parts);
  for (const path of new Set(routes.map(pathOf))) refuseOtherMethods(api, path);
  return end(api, options);
}

function begin(parts: HealthParts, options: ApiOptions): Express {
  const api = express();
  api.disable('x-powered-by');
  // Query strings as flat names and values: nothing nests, nothing can reach a prototype.
  api.set('query parser', 'simple');
  // Nothing is cached anywhere, so there is nothing to validate.
  api.set('etag', false);
  api.use(helmet({ contentSecurityPolicy: contentPolicy }), uncached, observe(parts));
  api.get('/healthz', (_request, response) => void response.json({ status: 'ok' }));
  api.get('/readyz', readiness(options));
  api.use(authenticate(parts));
  api.get('/metrics', async (_request, response) => {
    const { registry } = parts.metrics;
    response.type(registry.contentType).send(await registry.metrics());
  });
  return api;
}

function end(api: Express, options: ApiOptions): Express {
  api.use((request, response) => {
    sendProblem(
      response,
      problem(404, 'no-such-route', `There is no ${request.method} ${request.path}; see /openapi.json.`),
    );
  });
  api.use(errorHandler(options.report));
  return api;
}

/** The route's path as Express writes it. */
function pathOf(route: Route): string {
  return `/api/v1${route.path.replaceAll(/\{(\w+)\}/gu, ':$1')}`;
}

function refuseOtherMethods(api: Express, path: string): void {
  const methods = routes.filter((route) => pathOf(route) === path).map((route) => route.method.toUpperCase());
  const allowed = methods.includes('GET') ? [...methods, 'HEAD'] : methods;
  api.all(path, (_request, response) => {
    response.setHeader('Allow', allowed.join(', '));
    sendProblem(response, problem(405, 'method-not-allowed', `This can be asked for with ${allowed.join(', ')}.`));
  });
}

function uncached(_request: Request, response: Response, next: NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  next();
}

function mount(api: Express, route: Route, parts: ApiParts): void {
  api[route.method](pathOf(route), async (request: Request, response: Response) => {
    response.locals['route'] = route.path;
    const call = {
      // Checked by the route's own schemas, which is what the handler's types are made from.
      params: route.params.parse(request.params) as never,
      query: route.query.parse(request.query) as never,
      body: bodyOf(request, route) as never,
      actor: String(response.locals['actor']),
      request,
      signal: goneSignal(response),
    };
    response.status(route.status);
    if (route.kind === 'json') return void response.json(await route.handle(call, parts));
    response.type(route.mediaType);
    return route.handle({ ...call, response }, parts);
  });
}

/** @throws ZodError; NotJson where nothing was sent that is said to be JSON */
function bodyOf(request: Request, route: Route): unknown {
  if (route.body !== undefined && request.body === undefined) throw new NotJson();
  return route.body?.parse(request.body);
}

function goneSignal(response: Response): AbortSignal {
  const gone = new AbortController();
  response.once('close', () => gone.abort(new ReaderGone('the reader went away')));
  return gone.signal;
}

function authenticate({ tokens }: HealthParts) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const [scheme, token] = (request.headers.authorization ?? '').split(' ');
    const actor = scheme?.toLowerCase() === 'bearer' && token !== undefined ? tokens.actorOf(token) : undefined;
    if (actor !== undefined) {
      response.locals['actor'] = actor;
      next();
      return;
    }
    response.setHeader('WWW-Authenticate', 'Bearer');
    const body = problem(401, 'unauthorized', 'This needs the bearer token of the archive.');
    sendProblem(response, {
      ...body,
      remedy: 'Send "Authorization: Bearer TOKEN"; `muniment token rotate` makes a new one.',
    });
  };
}

function readiness({ ready, searchTrouble = () => undefined }: ApiOptions) {
  return (_request: Request, response: Response): void => {
    const search = searchTrouble();
    const isReady = ready() && search === undefined;
    response
      .status(isReady ? 200 : 503)
      .json({ status: isReady ? 'ready' : 'not ready', ...(search !== undefined && { search: 'down' }) });
  };
}

function observe({ metrics }: HealthParts) {
  return (request: Request, response: Response, next: NextFunction): void => {
    const elapsed = stopwatch();
    response.on('close', () => {
      const route = String(response.locals['route'] ?? 'other');
      metrics.observe({ method: request.method, route, status: response.statusCode, seconds: elapsed() / 1000 });
    });
    next();
  };
}
