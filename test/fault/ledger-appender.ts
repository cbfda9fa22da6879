/**
 * Appends captures to the ledger in the folder given, until it is killed. Prints `done N` once capture N was acknowledged.
 * Arguments: folder, key file, first number.
 */
import { systemClock } from '#kernel';
import { Ledger } from '#ledger';
import { FileSigner } from '../../services/ledger/adapters/file-signer.ts';
import { FilesystemLedgerStore } from '../../services/ledger/adapters/filesystem-ledger-store.ts';
import { captureDraft } from '../sample-ledger.ts';

const [folder = '', keyFile = '', start = '0'] = process.argv.slice(2);
const store = await FilesystemLedgerStore.open(folder);
const ledger = await Ledger.open({ store, signer: await FileSigner.open(keyFile), clock: systemClock });

async function appendFrom(first: number): Promise<void> {
  for (let number = first; ; number += 3) {
    await ledger.append([captureDraft(number)]);
    process.stdout.write(`done ${number}\n`);
  }
}

await Promise.all([0, 1, 2].map((lane) => appendFrom(Number(start) + lane)));
