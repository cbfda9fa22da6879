import type { WormStanding } from '#catalog';
import { checkingSteps } from './checking-steps.ts';
import type { ExportFormat } from './order.ts';
import type { Selected } from './selecting.ts';
import { standingText } from './storage-statement.ts';

export interface Explained {
  readonly selected: Selected;
  readonly format: ExportFormat;
  readonly asOf: number;
  /** Whether storage was write-once then. */
  readonly standing: WormStanding;
}

/** What whoever receives an export needs to know, and nothing that changes from run to run. */
export function explanation({ selected, format, asOf, standing }: Explained): string {
  return [opening(selected, asOf, standing), contents(format), formats[format], ...checkingSteps].join('\n');
}

function opening({ matter, query }: Selected, asOf: number, standing: WormStanding): string {
  const ofMatter = matter === undefined ? '' : `Matter:     ${JSON.stringify(matter.name)} (${matter.id})\n`;
  return `EXPORT FROM AN E-MAIL ARCHIVE

${ofMatter}Query:      ${JSON.stringify(query)}
As of:      ledger sequence ${asOf}: nothing that was captured later is taken into account
Storage:    ${standingText(standing).replaceAll('\n', '\n            ')}

Every message is here byte for byte as it was received. Check this export with "openssl" 3, "sha256sum" and, for the
proofs, "python3". Run the commands below in the folder of this file, all five steps in this order; unpack a zip into an
empty folder first.
`;
}

function contents(format: ExportFormat): string {
  const messages =
    format === 'eml'
      ? 'messages/         one file per message, named by sequence of capture and beginning of its digest'
      : 'messages.mbox     all messages, in the variant "mboxrd"';
  return `CONTENTS
${messages}
manifest.jsonl    one line per message: digest, sequence, size, dates, custodians, sightings, where it is
exceptions.jsonl  what was selected and is not here ("exported": false) and why; what was disposed of since that sequence,
                  of which nobody can say whether it was selected; remarks on what is here
entries.jsonl     the ledger entry of each message's capture, one per line, in the order of the manifest
checkpoint.txt    the ledger's signed checkpoint (C2SP tlog-checkpoint)
proofs/           for each message, that its entry is in the tree of that checkpoint (C2SP tlog-proof)
storage.json      whether the archive's storage was write-once (WORM) at that sequence
public-key.txt    the key that signed the checkpoint and SHA256SUMS
SHA256SUMS        of every other file
SHA256SUMS.sig    that key's Ed25519 signature over the bytes of SHA256SUMS, 64 bytes
`;
}

const formats: Readonly<Record<ExportFormat, string>> = {
  eml: `MESSAGES
The "digest" in the manifest is the sha256 of the message, and so of its file.
`,
  mbox: `MESSAGES
The "digest" in the manifest is the sha256 of the message as received. In messages.mbox each line that begins
with "From ", or with one or more ">" and "From ", has one ">" more. To get a message as received, take "offset"
and "length" from its line in the manifest:

    offset=0 length=0   # from the manifest
    tail -c +$((offset + 1)) messages.mbox | head -c "$length" |
      LC_ALL=C sed 's/^>\\(>*From \\)/\\1/' | sha256sum
`,
};
