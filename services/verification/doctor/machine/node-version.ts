import { failed, passed, type Probe } from '../probe.ts';
import { isAtLeast } from '../version-text.ts';

const oldest = '24.0.0';

export function nodeVersion(version: string = process.versions.node): Probe {
  return {
    name: 'node-version',
    tries: 'Look which Node this is, which must be 24 or later',
    severity: 'fault',
    consequence: 'It may fail where it was never tried. Use the Node that comes with the program (npm start).',
    run: async () => (isAtLeast(version, oldest) ? passed(version) : failed(version)),
  };
}
