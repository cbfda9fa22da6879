/**
 * One of the writers of `ledger-rivals.ts`: appends calls one after the other. Prints `ready`, begins at the first line on
 * its standard input and says at the end, as JSON, how long each call took, in milliseconds.
 * Arguments: place, key file, secret, address of the committer (empty: none), entries per call, seconds.
 */
import { createInterface } from 'node:readline';
import { stopwatch, systemClock } from '#kernel';
import { Ledger } from '#ledger';
import { FileSigner } from '../../services/ledger/adapters/file-signer.ts';
import { HttpHandOver } from '../../services/ledger/adapters/http-hand-over.ts';
import { ledgerStoreAt } from '../fault/ledger-place.ts';
import { captureDraft } from '../sample-ledger.ts';

const [place = '', keyFile = '', secret = '', address = '', entries = '64', seconds = '10'] = process.argv.slice(2);
const store = await ledgerStoreAt(place);
const signer = await FileSigner.open(keyFile);
const handOver = address === '' ? {} : { handOver: new HttpHandOver({ address: async () => address, secret }) };
const ledger = await Ledger.open({ store, signer, clock: systemClock, ...handOver });
const drafts = Array.from({ length: Number(entries) }, (_, i) => captureDraft(i));

process.stdout.write('ready\n');
for await (const _ of createInterface(process.stdin)) break;
const whole = stopwatch();
const latencies: number[] = [];
while (whole() < Number(seconds) * 1000) {
  const elapsed = stopwatch();
  await ledger.append(drafts, { policy: 0 });
  latencies.push(Math.round(elapsed()));
}
const { system, user } = process.cpuUsage();
process.stdout.write(`${JSON.stringify({ latencies, elapsedMs: whole(), cpuMs: (system + user) / 1000 })}\n`);
process.exit();
