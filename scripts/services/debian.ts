import { commandPath } from '../command-path.ts';
import { runCommand } from './run-command.ts';

let updated: Promise<void> | undefined;

/** Once per process, and as root only: others take the lists as they are. */
export async function updatePackageLists(): Promise<void> {
  if (process.getuid?.() !== 0) return;
  updated ??= runCommand('apt-get', ['update', '-qq']);
  await updated;
}

/** Installs Debian packages into the system. @throws where that takes root or another system */
export async function installPackages(packages: readonly string[]): Promise<void> {
  if (process.getuid?.() !== 0 || commandPath('apt-get') === undefined) {
    throw new Error(`Installing ${packages.join(', ')} needs root and apt-get.`);
  }
  await updatePackageLists();
  await runCommand(
    'apt-get',
    [
      'install',
      '-y',
      '-qq',
      '--no-install-recommends',
      '-o',
      'Dpkg::Use-Pty=0',
      '-o',
      'DPkg::Lock::Timeout=300',
      ...packages,
    ],
    { DEBIAN_FRONTEND: 'noninteractive' },
  );
}
