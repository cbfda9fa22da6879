/**
 * Appends captures to the ledger at the place given, until it is killed. Prints `done N` once capture N was acknowledged.
 * Arguments: place, key file, first number.
 */
import { systemClock } from '#kernel';
import { Ledger } from '#ledger';
import { FileSigner } from '../../services/ledger/adapters/file-signer.ts';
import { captureDraft } from '../sample-ledger.ts';
import { ledgerStoreAt } from './ledger-place.ts';

const [place = '', keyFile = '', start = '0'] = process.argv.slice(2);
const store = await ledgerStoreAt(place);
const ledger = await Ledger.open({ store, signer: await FileSigner.open(keyFile), clock: systemClock });

async function appendFrom(first: number): Promise<void> {
  for (let number = first; ; number += 3) {
    await ledger.append([captureDraft(number)]);
    process.stdout.write(`done ${number}\n`);
  }
}

await Promise.all([0, 1, 2].map((lane) => appendFrom(Number(start) + lane)));
