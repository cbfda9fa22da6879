import { readFile } from 'node:fs/promises';
import { newId } from '#kernel';

/**
 * Names the time since the machine was started. Where the system does not say, a new id each time: then nothing that was left
 * without a sync is relied on.
 */
export async function runOfTheMachine(): Promise<string> {
  try {
    return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
  } catch {
    return newId();
  }
}
