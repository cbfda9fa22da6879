const FROM = Buffer.from('From ', 'latin1');
const QUOTE = 0x3e;
const LF = 0x0a;
const quoteMark = Buffer.from('>', 'latin1');

/**
 * Adds one `>` to each line that begins with any number of `>` and `From `: no line of a message then looks like a
 * separator, and taking one `>` off each line of `>`s and `From ` gives back every byte. In pieces, so that a message of any size
 * needs a chunk of memory.
 */
export class MboxrdQuoting {
  /** Whether everything since the last line end was `>`. */
  #atStart = true;
  #held = Buffer.alloc(0);

  /** What can be written now; up to four bytes wait for what follows them. */
  push(chunk: Buffer): Buffer {
    const bytes = this.#held.length === 0 ? chunk : Buffer.concat([this.#held, chunk]);
    const end = bytes.length - beginningOfFrom(bytes);
    this.#held = Buffer.from(bytes.subarray(end));
    return this.#quote(bytes, end);
  }

  end(): Buffer {
    const rest = this.#held;
    this.#held = Buffer.alloc(0);
    this.#atStart = true;
    return rest;
  }

  #quote(bytes: Buffer, end: number): Buffer {
    const parts: Buffer[] = [];
    let from = 0;
    for (let at = bytes.indexOf(FROM); at >= 0 && at < end; at = bytes.indexOf(FROM, at + FROM.length)) {
      if (!this.#startsLine(bytes, at)) continue;
      parts.push(bytes.subarray(from, at), quoteMark);
      from = at;
    }
    this.#atStart = end === 0 ? this.#atStart : this.#startsLine(bytes, end);
    const rest = bytes.subarray(from, end);
    return parts.length === 0 ? rest : Buffer.concat([...parts, rest]);
  }

  /** Whether only `>` stand between the last line end and `at`. */
  #startsLine(bytes: Buffer, at: number): boolean {
    let before = at - 1;
    while (before >= 0 && bytes[before] === QUOTE) before -= 1;
    return before < 0 ? this.#atStart : bytes[before] === LF;
  }
}

/** How many of the last bytes may be the beginning of `From `. */
function beginningOfFrom(bytes: Buffer): number {
  for (let length = Math.min(FROM.length - 1, bytes.length); length > 0; length--) {
    if (bytes.subarray(bytes.length - length).equals(FROM.subarray(0, length))) return length;
  }
  return 0;
}

const days = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** The line before a message (RFC 4155): no sender, and when the message was captured, in UTC. */
export function separatorLine(capturedAt: number): string {
  const date = new Date(capturedAt);
  const day = String(date.getUTCDate()).padStart(2, ' ');
  const time = date.toISOString().slice(11, 19);
  const month = months[date.getUTCMonth()] ?? '';
  return `From MAILER-DAEMON ${days[date.getUTCDay()] ?? ''} ${month} ${day} ${time} ${date.getUTCFullYear()}\n`;
}
