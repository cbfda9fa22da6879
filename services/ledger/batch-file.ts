import { isUtf8 } from 'node:buffer';
import { canonicalJson, type Json, limits, strictBase64 } from '#kernel';
import { z } from 'zod';
import { isSignedBy, keyIdOf } from './ed25519.ts';
import { LedgerFault } from './ledger-fault.ts';

const hex = (digits: number) => z.string().regex(new RegExp(`^[0-9a-f]{${digits}}$`, 'u'));
const count = z.int().nonnegative();

const headerSchema = z.strictObject({
  batch: hex(32),
  entries: count.min(1),
  epoch: count,
  first: count,
  format: z.literal(1),
  keySince: count,
  policy: z.int().min(-1),
  previousRoot: hex(64),
  sidecar: hex(64).nullable(),
  time: z.int(),
});
const footerSchema = z.strictObject({
  frontier: z.array(hex(64)),
  policy: z.int().min(-1),
  root: hex(64),
  size: count,
});
const signatureSchema = z.strictObject({ key: hex(16), signature: z.string() });

export type BatchHeader = z.infer<typeof headerSchema>;
export type BatchFooter = z.infer<typeof footerSchema>;

/** A batch file taken apart: well-formed and canonical to the last byte, its signature not yet checked. */
export interface BatchFile {
  readonly bytes: Buffer;
  readonly header: BatchHeader;
  /** Canonical JSON of each entry: the leaves of the tree. */
  readonly lines: readonly string[];
  readonly footer: BatchFooter;
  readonly keyId: string;
  /** What the signature covers. */
  readonly signed: Uint8Array;
  readonly signature: Uint8Array;
}

/** Everything before the signature line. */
export function unsignedBatch(header: BatchHeader, lines: readonly string[], footer: BatchFooter): Buffer {
  return Buffer.from([canonicalJson(header), ...lines, canonicalJson(footer), ''].join('\n'));
}

export function signedBatch(unsigned: Buffer, keyId: string, signature: Uint8Array): Buffer {
  const line = canonicalJson({ key: keyId, signature: Buffer.from(signature).toString('base64') });
  return Buffer.concat([unsigned, Buffer.from(`${line}\n`)]);
}

/** @throws LedgerFault `damaged`: there is exactly one way to write a batch, and these bytes are not it */
export function parseBatch(bytes: Buffer, name: number): BatchFile {
  if (!isUtf8(bytes)) throw damagedBatch(name, 'it is not UTF-8');
  const lines = bytes.toString().split('\n');
  if (lines.length < 5 || lines.pop() !== '') throw damagedBatch(name, 'it is cut off');
  const signature = part(signatureSchema, lines.pop(), name, 'signature');
  const footer = part(footerSchema, lines.pop(), name, 'footer');
  const header = part(headerSchema, lines.shift(), name, 'header');
  if (header.first !== name) throw damagedBatch(name, `it begins with entry ${header.first}`);
  if (header.entries !== lines.length) throw damagedBatch(name, `it has ${lines.length} of ${header.entries} entries`);
  if (footer.size !== name + lines.length) throw damagedBatch(name, `it ends at ${footer.size}`);
  const signatureBytes = strictBase64(signature.signature);
  if (signatureBytes === undefined) throw damagedBatch(name, 'its signature is not base64');
  const signed = bytes.subarray(0, bytes.lastIndexOf(10, bytes.length - 2) + 1);
  return { bytes, header, lines, footer, keyId: signature.key, signed, signature: signatureBytes };
}

function part<Schema extends z.ZodType<Json>>(
  schema: Schema,
  line: string | undefined,
  name: number,
  which: string,
): z.infer<Schema> {
  const parsed = schema.safeParse(canonical(line ?? ''));
  if (!parsed.success) throw damagedBatch(name, `its ${which} line is not well-formed`);
  return parsed.data;
}

/** The value of a line of canonical JSON; undefined where it is not JSON, or not written canonically. */
export function canonical(line: string): Json | undefined {
  try {
    const value: Json = JSON.parse(line);
    return canonicalJson(value) === line ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The key's name beside the signature is not signed: it is compared. @throws LedgerFault `damaged` */
export function checkSignature(batch: BatchFile, publicKey: string): void {
  if (batch.keyId !== keyIdOf(publicKey))
    throw damagedBatch(batch.header.first, 'it names another key than its signer');
  if (isSignedBy(publicKey, batch.signed, batch.signature)) return;
  throw damagedBatch(batch.header.first, 'its signature does not fit');
}

export function isTooLong(line: string): boolean {
  return line.length * 3 > limits.ledgerEntryBytesMax && Buffer.byteLength(line) > limits.ledgerEntryBytesMax;
}

export function damagedBatch(first: number, problem: string, cause?: unknown): LedgerFault {
  return new LedgerFault('damaged', `ledger batch ${first} is damaged: ${problem}`, {
    remedy: 'Run `muniment verify`, and put the batch back from a backup.',
    facts: { first, problem },
    cause,
  });
}
