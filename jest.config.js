/** Jest runs the TypeScript as it is written: swc strips the types, Node resolves the modules. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  testTimeout: 60_000,
  testSequencer: '<rootDir>/test/longest-first.js',
  transform: {
    '\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', explicitResourceManagement: true },
          target: 'esnext',
        },
      },
    ],
  },
};
