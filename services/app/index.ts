export type { Config } from './config.ts';
export { readConfig } from './config.ts';
export { openDeployment } from './compose.ts';
export type { Deployment } from './deployment.ts';
