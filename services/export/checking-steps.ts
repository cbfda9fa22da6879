const listSigned = `1. WHO SAYS SO?
SHA256SUMS lists every file of this export with its sha256, except itself and its signature, SHA256SUMS.sig.

    openssl pkeyutl -verify -pubin -inkey public-key.txt -rawin -in SHA256SUMS -sigfile SHA256SUMS.sig

The key came with the export: whoever changes the files could sign them with a key of their own. Compare it with one
that you got from the archive's owner in another way. All that follows rests on that. These commands came with the export
as well, and are the same in each: whoever doubts them takes them from the program's own source.
`;

const complete = `2. IS EVERYTHING HERE, UNCHANGED?

    sha256sum --strict --quiet -c SHA256SUMS && echo complete

It fails if any file was changed or removed.
`;

const nothingElse = `3. IS NOTHING ELSE HERE?
With bash or zsh; it shows what is on one side only (">": here and not listed):

    diff <((cut -c 67- SHA256SUMS; echo SHA256SUMS; echo SHA256SUMS.sig) | LC_ALL=C sort) \\
      <(find . '(' ! -type d -o -empty ')' | cut -c 3- | LC_ALL=C sort) && echo nothing else
`;

const checkpointSigned = `4. WHAT WAS IN THE LEDGER?
The first three lines of the checkpoint are signed with the same key: the ledger's name, its size, and the hash of its
tree.

    sed '/^$/,$d' checkpoint.txt > /tmp/checkpoint.signed
    sed -n 's/^[^ ]* [^ ]* //p' checkpoint.txt | base64 -d | tail -c 64 > /tmp/checkpoint.signature
    openssl pkeyutl -verify -rawin -pubin -inkey public-key.txt \\
      -sigfile /tmp/checkpoint.signature -in /tmp/checkpoint.signed

An earlier checkpoint of the same ledger, if you have one, shows whether its history was changed since.
`;

const proved = `5. WAS EACH MESSAGE CAPTURED AS THE LEDGER SAYS?
Line n of entries.jsonl is the entry of line n of manifest.jsonl, and names the digest of the message's bytes. Its place
in the tree is proved by the file that "proof" names. The hash of an entry is sha256 of a zero byte and the line without
its line end; of two neighbours in the tree, sha256 of a byte 1 and both hashes (RFC 6962, section 2.1). The proof
has the entry's index, the neighbours' hashes from the bottom up in base64, and the checkpoint; RFC 9162, section
2.1.3.2, says how to get from them to the hash in the checkpoint. With Python 3.10 or later:

    python3 - <<'END'
    import base64, hashlib, json, re
    from datetime import datetime, timezone
    sha256 = lambda data: hashlib.sha256(data).digest()
    def bytes_of(message):
        with open(message['path'], 'rb') as file:
            if 'offset' not in message:
                return file.read()
            file.seek(message['offset'])
            return re.sub(rb'(?m)^>(>*From )', rb'\\1', file.read(message['length']))
    before = -1
    for message, entry in zip(open('manifest.jsonl', 'rb'), open('entries.jsonl', 'rb'), strict=True):
        message, entry = json.loads(message), entry[:-1]
        captured, content = json.loads(entry), bytes_of(message)
        assert captured['kind'] in ('capture', 'recovered'), 'not a capture'
        assert sha256(content).hex() == message['digest'], 'another message: ' + message['path']
        assert len(content) == message['size'], 'another size'
        for field in 'digest', 'generation', 'size', 'flags':
            assert captured[field] == message[field], 'not what the ledger says: ' + field
        time = datetime.fromtimestamp(captured['time'] / 1000, timezone.utc).isoformat(timespec='milliseconds')
        assert time.replace('+00:00', 'Z') == message['capturedAt'], 'not when the ledger says'
        lines = open(message['proof']).read().split('\\n')
        end = lines.index('')
        assert '\\n'.join(lines[end + 1:]) == open('checkpoint.txt').read(), 'another checkpoint'
        at, last = int(lines[1].split()[1]), int(lines[end + 2]) - 1
        assert before < at == message['sequence'] <= last, 'another sequence'
        before, node = at, sha256(b'\\0' + entry)
        for line in lines[2:end]:
            assert last > 0, 'a proof too long'
            neighbour = base64.b64decode(line)
            if at % 2 == 1 or at == last:
                node = sha256(b'\\1' + neighbour + node)
                while at % 2 == 0 and at != 0:
                    at, last = at // 2, last // 2
            else:
                node = sha256(b'\\1' + node + neighbour)
            at, last = at // 2, last // 2
        assert last == 0 and node == base64.b64decode(lines[end + 3]), 'not in the tree'
    print('proved')
    END
`;

const whatProvesWhat = `WHAT PROVES WHAT
The ledger's entry, signed when the message was captured, proves of each line of the manifest: digest, generation,
size, sequence, capturedAt, flags; and so the message's bytes. "date" is what the message's header says.
Only the signature of step 1 says, as the archive's owner does by handing this out: custodians, sightings (the ledger has
keyed hashes of them, and they name people), which messages were selected and that there are no more,
exceptions.jsonl, and storage.json. The ledger cannot prove these: it recorded this export, with its query and its number of messages,
before the first file was written, and so does not have the hash of the manifest.
`;

/** How whoever receives an export checks it, in the order in which each step may rely on the ones before it. */
export const checkingSteps = [listSigned, complete, nothingElse, checkpointSigned, proved, whatProvesWhat];
