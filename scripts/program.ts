import { fileURLToPath } from 'node:url';

/** The program as its users start it. */
export const program: readonly string[] = [
  process.execPath,
  fileURLToPath(new URL('../bin/muniment.js', import.meta.url)),
];

const kept = ['PATH', 'HOME', 'TMPDIR', 'TEMP', 'TMP', 'LANG', 'LC_ALL', 'SystemRoot'];

/** What any program needs of the environment: no configuration of an archive that this machine may have gets in. */
export function cleanEnvironment(added: Readonly<Record<string, string>> = {}): Record<string, string> {
  const entries = kept.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return { ...Object.fromEntries(entries), ...added };
}
