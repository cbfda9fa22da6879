/**
 * Commits for other processes to the ledger at the place given, until it is killed. Prints `at ADDRESS` once it listens.
 * Arguments: place, key file, secret, linger in milliseconds.
 */
import { systemClock } from '#kernel';
import { Ledger } from '#ledger';
import { CommitterServer } from '../../services/ledger/adapters/committer-server.ts';
import { FileSigner } from '../../services/ledger/adapters/file-signer.ts';
import { ledgerStoreAt } from './ledger-place.ts';

const [place = '', keyFile = '', secret = '', lingerMs = '2'] = process.argv.slice(2);
const store = await ledgerStoreAt(place);
const ledger = await Ledger.open({
  store,
  signer: await FileSigner.open(keyFile),
  clock: systemClock,
  lingerMs: Number(lingerMs),
});
const server = await CommitterServer.start({ ledger, secret });
process.stdout.write(`at ${server.address}\n`);
// Ends with whoever started it.
process.stdin.resume().on('end', () => process.exit());
