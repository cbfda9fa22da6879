import type { Request, Response } from 'express';
import { z } from 'zod';
import type { ApiParts } from './api-parts.ts';

interface RouteFace {
  readonly method: 'get' | 'post' | 'delete';
  /** As OpenAPI writes it: `/messages/{digest}`. */
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params: z.ZodObject;
  readonly query: z.ZodObject;
  readonly body: z.ZodType | undefined;
  readonly status: number;
}

/** A route that answers with JSON of a declared schema. */
interface JsonRoute extends RouteFace {
  readonly kind: 'json';
  readonly response: z.ZodType;
  handle(call: Call, parts: ApiParts): Promise<unknown>;
}

/** A route that answers with bytes. */
interface BytesRoute extends RouteFace {
  readonly kind: 'bytes';
  readonly mediaType: string;
  handle(call: Call & { readonly response: Response }, parts: ApiParts): Promise<void>;
}

/** A request whose parameters were checked against the route's schemas. */
export interface Call {
  readonly params: never;
  readonly query: never;
  readonly body: never;
  readonly actor: string;
  readonly request: Request;
  /** Aborted when the other end hangs up. */
  readonly signal: AbortSignal;
}

export type Route = JsonRoute | BytesRoute;

type Checked<P, Q, B> = Omit<Call, 'params' | 'query' | 'body'> & {
  readonly params: P;
  readonly query: Q;
  readonly body: B;
};

interface Declared<P extends z.ZodRawShape, Q extends z.ZodRawShape, B> {
  readonly method: 'get' | 'post' | 'delete';
  readonly path: string;
  readonly summary: string;
  readonly tag: string;
  readonly params?: P;
  readonly query?: Q;
  readonly body?: z.ZodType<B>;
  readonly status?: number;
}

type Params<P extends z.ZodRawShape> = z.infer<z.ZodObject<P>>;

/** Declares a JSON route: the handler gets what its schemas say, and must answer what `response` says. */
export function jsonRoute<R, P extends z.ZodRawShape = {}, Q extends z.ZodRawShape = {}, B = undefined>(
  declared: Declared<P, Q, B> & {
    readonly response: z.ZodType<R>;
    handle(call: Checked<Params<P>, Params<Q>, B>, parts: ApiParts): Promise<R>;
  },
): Route {
  const { response } = declared;
  return { ...face(declared), kind: 'json', response, handle: (call, parts) => declared.handle(call, parts) };
}

/** Declares a route whose handler writes the response itself. */
export function bytesRoute<P extends z.ZodRawShape = {}, Q extends z.ZodRawShape = {}>(
  declared: Declared<P, Q, undefined> & {
    readonly mediaType: string;
    handle(
      call: Checked<Params<P>, Params<Q>, undefined> & { readonly response: Response },
      parts: ApiParts,
    ): Promise<void>;
  },
): Route {
  const { mediaType } = declared;
  return { ...face(declared), kind: 'bytes', mediaType, handle: (call, parts) => declared.handle(call, parts) };
}

function face<P extends z.ZodRawShape, Q extends z.ZodRawShape, B>(declared: Declared<P, Q, B>): RouteFace {
  const { method, path, summary, tag, params, query, body, status = 200 } = declared;
  return {
    method,
    path,
    summary,
    tag,
    params: z.strictObject(params ?? {}),
    query: z.strictObject(query ?? {}),
    body,
    status,
  };
}
