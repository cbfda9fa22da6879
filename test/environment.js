import { TestEnvironment } from 'jest-environment-node';

/**
 * Stacks as Node writes them. The tests run the lines as they are written, so that no place in them needs to be looked up in a source
 * map; Jest does so for every error that anything makes, which took up to half of a suite's processor time.
 */
export default class PlainStacks extends TestEnvironment {
  async setup() {
    await super.setup();
    Error.prepareStackTrace = undefined;
    this.global.Error.prepareStackTrace = undefined;
  }
}
