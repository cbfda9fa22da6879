import { stripTypeScriptTypes } from 'node:module';

/** Jest's transform: the types are stripped as Node itself strips them, so that tests run what the program runs, line for line. */
export default {
  process: (sourceText) => ({ code: stripTypeScriptTypes(sourceText) }),
};
