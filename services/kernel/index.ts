export * from './base64.ts';
export * from './canonical-json.ts';
export * from './clock.ts';
export * from './digest.ts';
export * from './fault.ts';
export * from './ids.ts';
export * from './limits.ts';
export * from './sequence.ts';
