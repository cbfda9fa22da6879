import type { ExportFormat } from './order.ts';
import type { Selected } from './selecting.ts';

export interface Explained {
  readonly selected: Selected;
  readonly format: ExportFormat;
  readonly asOf: number;
}

/** What whoever receives an export needs to know, and nothing that changes from run to run. */
export function explanation({ selected, format, asOf }: Explained): string {
  return [opening(selected, asOf), contents(format), formats[format], completeness, signature, proofs].join('\n');
}

function opening({ matter, query }: Selected, asOf: number): string {
  const ofMatter = matter === undefined ? '' : `Matter:     ${JSON.stringify(matter.name)} (${matter.id})\n`;
  return `EXPORT FROM AN E-MAIL ARCHIVE

${ofMatter}Query:      ${JSON.stringify(query)}
As of:      ledger sequence ${asOf}: nothing that was recorded later is taken into account

Every message is here byte for byte as it was received. Check this export with nothing but
"sha256sum" and, for the signature, "openssl" 3. Run the commands below in the folder of this file.
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
exceptions.jsonl  what was selected and is not here ("exported": false) and why; remarks on what is
entries.jsonl     the ledger entry of each message's capture, one per line, in the order of the manifest
checkpoint.txt    the ledger's signed checkpoint (C2SP tlog-checkpoint)
proofs/           for each message, that its entry is in the tree of that checkpoint (C2SP tlog-proof)
public-key.txt    the key that signed the checkpoint
SHA256SUMS        of every other file
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

const completeness = `1. IS EVERYTHING HERE, UNCHANGED?

    sha256sum --strict --quiet -c SHA256SUMS && echo complete

It fails if any file was changed or removed.
`;

const signature = `2. WHO SAYS SO?
The first three lines of the checkpoint are signed: the ledger's name, its size, and the hash of its tree.

    sed '/^$/,$d' checkpoint.txt > /tmp/checkpoint.signed
    sed -n 's/^[^ ]* [^ ]* //p' checkpoint.txt | base64 -d | tail -c 64 > /tmp/checkpoint.signature
    openssl pkeyutl -verify -rawin -pubin -inkey public-key.txt \\
      -sigfile /tmp/checkpoint.signature -in /tmp/checkpoint.signed

The key came with the export. Compare it with one that you got from the archive's owner in another way. An earlier
checkpoint of the same ledger, if you have one, shows whether its history was changed since.
`;

const proofs = `3. WAS EACH MESSAGE CAPTURED AS THE LEDGER SAYS?
Line n of entries.jsonl is the entry of line n of manifest.jsonl, and names the same digest. Its place in the tree
is proved by the file that "proof" names. The hash of an entry is sha256 of a zero byte and the line without
its line end; of two neighbours in the tree, sha256 of a byte 1 and both hashes (RFC 6962, section 2.1). The proof
has the entry's index, the neighbours' hashes from the bottom up in base64, and the checkpoint; RFC 9162, section
2.1.3.2, says how to get from them to the hash in the checkpoint. With Python 3:

    python3 - <<'END'
    import base64, hashlib, json
    sha256 = lambda data: hashlib.sha256(data).digest()
    for message, entry in zip(open('manifest.jsonl', 'rb'), open('entries.jsonl', 'rb'), strict=True):
        message, entry = json.loads(message), entry[:-1]
        assert json.loads(entry)['digest'] == message['digest']
        lines = open(message['proof']).read().split('\\n')
        end = lines.index('')
        assert '\\n'.join(lines[end + 1:]) == open('checkpoint.txt').read()
        at, last = int(lines[1].split()[1]), int(lines[end + 2]) - 1
        assert at == message['sequence'] and at <= last
        node = sha256(b'\\0' + entry)
        for line in lines[2:end]:
            assert last > 0
            neighbour = base64.b64decode(line)
            if at % 2 == 1 or at == last:
                node = sha256(b'\\1' + neighbour + node)
                while at % 2 == 0 and at != 0:
                    at, last = at // 2, last // 2
            else:
                node = sha256(b'\\1' + node + neighbour)
            at, last = at // 2, last // 2
        assert last == 0 and node == base64.b64decode(lines[end + 3])
    print('proved')
    END
`;
