import { z } from 'zod';
import type { Route } from './route.ts';

const problemSchema = {
  type: 'object',
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string' },
    remedy: { type: 'string' },
  },
  required: ['type', 'title', 'status', 'detail', 'code'],
};

/** What is answered beside the routes. */
const plainPaths: Readonly<Record<string, Record<string, object>>> = {
  '/healthz': plain('Whether the process lives', 'application/json', true),
  '/readyz': plain('Whether it takes requests', 'application/json', true),
  '/metrics': plain('Figures for Prometheus', 'text/plain', false),
  '/openapi.json': plain('This document', 'application/json', false),
};

function plain(summary: string, mediaType: string, isOpen: boolean): Record<string, object> {
  const responses = { 200: { description: 'Success', content: { [mediaType]: {} } } };
  return { get: { summary, tags: ['service'], ...(isOpen && { security: [] }), responses } };
}

/** The OpenAPI 3.1 document of the routes, from the schemas that check their requests. */
export function openApi(routes: readonly Route[], version: string): object {
  const paths: Record<string, Record<string, object>> = { ...plainPaths };
  for (const route of routes) {
    const path = `/api/v1${route.path}`;
    paths[path] = { ...paths[path], [route.method]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Muniment', version, description: 'An e-mail archive whose evidence anyone can check.' },
    security: [{ bearer: [] }],
    paths,
    components: {
      securitySchemes: { bearer: { type: 'http', scheme: 'bearer' } },
      schemas: { Problem: problemSchema },
      responses: {
        Problem: {
          description: 'RFC 9457 problem details',
          content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
        },
      },
    },
  };
}

function operation(route: Route): object {
  const content =
    route.kind === 'json'
      ? { 'application/json': { schema: schemaOf(route.response, 'output') } }
      : { [route.mediaType]: {} };
  return {
    summary: route.summary,
    tags: [route.tag],
    parameters: [...parameters(route.params, 'path'), ...parameters(route.query, 'query')],
    ...(route.body !== undefined && {
      requestBody: { required: true, content: { 'application/json': { schema: schemaOf(route.body, 'input') } } },
    }),
    responses: {
      [route.status]: { description: 'Success', content },
      default: { $ref: '#/components/responses/Problem' },
    },
  };
}

function parameters(shape: z.ZodObject, place: 'path' | 'query'): object[] {
  const schema = z.toJSONSchema(shape, { io: 'input' });
  const required = new Set(schema.required ?? []);
  return Object.entries(schema.properties ?? {}).map(([name, property]) => ({
    name,
    in: place,
    required: required.has(name),
    schema: property,
  }));
}

function schemaOf(schema: z.ZodType, io: 'input' | 'output'): object {
  const { $schema: _, ...json } = z.toJSONSchema(schema, { io });
  return json;
}
