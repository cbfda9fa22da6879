export * from './connection.ts';
export * from './insist.ts';
export * from './memory.ts';
export * from './reply-code.ts';
export * from './script.ts';
