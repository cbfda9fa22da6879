export * from './abroad.ts';
export * from './blue-heron.ts';
export * from './contract.ts';
export * from './cracked-bolts.ts';
export * from './everyday.ts';
export * from './legal-hold.ts';
export * from './whistle-blower.ts';
