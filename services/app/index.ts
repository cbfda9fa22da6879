export type { Config } from './config.ts';
export { readConfig } from './config.ts';
export { type Deployment, openDeployment } from './compose.ts';
