export type { ApiParts, Status } from './api-parts.ts';
export { type ApiOptions, createApi, createHealth, type HealthParts } from './create-api.ts';
export { type AskedFigure, type ByLabel, Metrics } from './metrics.ts';
export { openApi } from './openapi.ts';
export { routes } from './routes/index.ts';
