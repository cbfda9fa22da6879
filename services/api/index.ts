export type { ApiParts, Status } from './api-parts.ts';
export { type ApiOptions, createApi } from './create-api.ts';
export { Metrics } from './metrics.ts';
export { openApi } from './openapi.ts';
export { routes } from './routes/index.ts';
