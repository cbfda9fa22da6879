import type { NextFunction, Request, Response } from 'express';
import { ZodError } from 'zod';
import { Fault } from '#kernel';
import { ReaderGone } from './send-bytes.ts';

/** RFC 9457. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly detail: string;
  /** What to do next. */
  readonly remedy?: string;
  readonly code: string;
  readonly [fact: string]: unknown;
}

const titles: Readonly<Record<number, string>> = {
  400: 'The request is not understood',
  401: 'A valid bearer token is needed',
  404: 'There is no such thing',
  405: 'That cannot be done to it',
  409: 'The request does not fit the state',
  410: 'It was disposed of',
  413: 'The request is too large',
  422: 'It takes more than can be done',
  500: 'Something is wrong here',
  503: 'Not possible at the moment',
};

/** Every fault code that can reach a caller, and its status. What is not listed is our defect: 500. */
const statuses: Readonly<Record<string, number>> = {
  'query-invalid': 400,
  'cursor-invalid': 400,
  'digest-invalid': 400,
  'as-of-beyond': 400,
  'as-of-before-capture': 400,
  'period-invalid': 400,
  'precision-invalid': 400,
  'hold-query-moves': 400,
  'request-invalid': 400,
  'no-such-message': 404,
  'no-such-search': 404,
  'no-such-matter': 404,
  'no-such-hold': 404,
  'no-such-saved-search': 404,
  'no-such-export': 404,
  'unknown-source': 404,
  'not-found': 404,
  'digest-ambiguous': 409,
  'matter-exists': 409,
  'saved-search-exists': 409,
  'hold-released': 409,
  'export-unfinished': 409,
  'key-changed': 409,
  held: 409,
  retained: 409,
  'time-unwitnessed': 409,
  'not-stored': 409,
  'read-only': 409,
  disposed: 410,
  'search-erased': 410,
  'already-disposed': 410,
  'too-costly': 422,
  'query-too-costly': 422,
  'store-unavailable': 503,
  'index-unavailable': 503,
  'not-reached': 503,
  incomplete: 503,
};

export function problemOf(thrown: unknown): Problem {
  if (thrown instanceof ZodError) return invalidRequest(thrown);
  if (thrown instanceof NotJson)
    return {
      ...problem(400, 'request-invalid', 'The request has no body in JSON.'),
      remedy: 'Send one, with Content-Type: application/json.',
    };
  if (!(thrown instanceof Fault)) return otherProblem(thrown);
  const status = statuses[thrown.code] ?? 500;
  return { ...thrown.facts, ...problem(status, thrown.code, thrown.message), remedy: thrown.remedy };
}

export function problem(status: number, code: string, detail: string): Problem {
  return { type: `urn:muniment:problem:${code}`, title: titles[status] ?? 'Problem', status, detail, code };
}

export function sendProblem(response: Response, body: Problem): void {
  // Said of what is not sent after all.
  response.removeHeader('Content-Disposition');
  response.status(body.status).type('application/problem+json').send(JSON.stringify(body));
}

/** The one error handler. Once bytes have left, the connection is cut: a partial answer must not look whole. */
export function errorHandler(report: (thrown: unknown) => void) {
  return (thrown: unknown, _request: Request, response: Response, _next: NextFunction): void => {
    if (thrown instanceof ReaderGone) return;
    const body = problemOf(thrown);
    if (body.status >= 500) report(thrown);
    if (response.headersSent) response.destroy();
    else sendProblem(response, body);
  };
}

/** A body that is not declared as JSON, which is all that is read. */
export class NotJson extends Error {}

function invalidRequest(error: ZodError): Problem {
  const issue = error.issues[0];
  const where = issue?.path.join('.') ?? '';
  const detail = `${where === '' ? 'The request' : where}: ${issue?.message ?? 'invalid'}`;
  return { ...problem(400, 'request-invalid', detail), remedy: 'See /openapi.json.' };
}

/**
 * Errors of Express itself (a body that is no JSON, a malformed URL) carry their status. Their messages quote what was
 * sent, so that they are not passed on.
 */
function otherProblem(thrown: unknown): Problem {
  const status = typeof thrown === 'object' && thrown !== null && 'status' in thrown ? thrown.status : undefined;
  if (status === 413) return problem(413, 'request-too-large', 'The body of the request is too large.');
  if (typeof status === 'number' && status >= 400 && status < 500)
    return problem(400, 'request-invalid', 'The request is malformed: its URL or its JSON cannot be read.');
  return problem(500, 'unexpected', 'The request could not be carried out.');
}
