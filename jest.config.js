/** Jest runs the TypeScript as it is written: Node strips the types and resolves the modules. */
export default {
  testEnvironment: '<rootDir>/test/environment.js',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 180_000,
  testSequencer: '<rootDir>/test/longest-first.js',
  transform: { '\\.ts$': '<rootDir>/test/strip-types.js' },
};
