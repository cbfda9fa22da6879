import { once } from 'node:events';
import { createServer, type Server, type Socket } from 'node:net';

/** What the scripted server holds, and how it misbehaves. */
export interface ScriptedMailbox {
  readonly uidValidity: string | undefined;
  readonly messages: ReadonlyMap<number, Buffer>;
}

/** One command as the server got it; `again` counts equal commands before it. */
export interface ScriptedCommand {
  readonly tag: string;
  readonly line: string;
  readonly again: number;
  readonly connection: number;
  readonly socket: Socket;
}

/** Answers a command in its own way and returns true, or leaves it to the ordinary server. */
export type Misbehaviour = (command: ScriptedCommand, server: ScriptedImapServer) => boolean;

/**
 * A small IMAP server in this process, ordinary but for what a script tells it to do wrong. It speaks just enough: LOGIN,
 * LIST, EXAMINE, UID SEARCH, UID FETCH, NOOP.
 */
export class ScriptedImapServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #misbehave: Misbehaviour;
  readonly #seen = new Map<string, number>();
  readonly commands: string[] = [];
  mailbox: ScriptedMailbox;
  connections = 0;

  private constructor(mailbox: ScriptedMailbox, misbehave: Misbehaviour) {
    this.mailbox = mailbox;
    this.#misbehave = misbehave;
    this.#server = createServer((socket) => this.#serve(socket));
  }

  static async start(mailbox: ScriptedMailbox, misbehave: Misbehaviour = () => false): Promise<ScriptedImapServer> {
    const server = new ScriptedImapServer(mailbox, misbehave);
    server.#server.listen(0, '127.0.0.1');
    await once(server.#server, 'listening');
    return server;
  }

  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('not listening');
    return address.port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
    await once(this.#server, 'close');
  }

  /** Sends an ordinary FETCH row; `body` replaces the message's bytes, `size` what is declared. */
  row(socket: Socket, uid: number, line: string, change: { body?: Buffer | null; size?: number } = {}): void {
    const bytes = this.mailbox.messages.get(uid);
    if (bytes === undefined) return;
    const sequence = [...this.mailbox.messages.keys()].indexOf(uid) + 1;
    const items = [`UID ${uid}`];
    if (line.includes('RFC822.SIZE')) items.push(`RFC822.SIZE ${change.size ?? bytes.length}`);
    if (line.includes('FLAGS')) items.push('FLAGS (\\Flagged)');
    if (line.includes('INTERNALDATE')) items.push('INTERNALDATE "01-Feb-2021 10:00:00 +0000"');
    socket.write(`* ${sequence} FETCH (${items.join(' ')}`);
    if (line.includes('BODY.PEEK[')) this.#body(socket, line, change.body === undefined ? bytes : change.body);
    socket.write(')\r\n');
  }

  ok(socket: Socket, tag: string, text = 'done'): void {
    socket.write(`${tag} OK ${text}\r\n`);
  }

  #body(socket: Socket, line: string, bytes: Buffer | null): void {
    const part = /<(\d+)\.(\d+)>/u.exec(line);
    const start = Number(part?.[1] ?? 0);
    const name = part === null ? 'BODY[]' : `BODY[]<${start}>`;
    if (bytes === null) {
      socket.write(` ${name} NIL`);
      return;
    }
    const sent = part === null ? bytes : bytes.subarray(start, start + Number(part[2]));
    socket.write(` ${name} {${sent.length}}\r\n`);
    socket.write(sent);
  }

  #serve(socket: Socket): void {
    this.connections += 1;
    const connection = this.connections;
    this.#sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('close', () => this.#sockets.delete(socket));
    socket.on('error', () => undefined);
    socket.write('* OK [CAPABILITY IMAP4rev1] ready\r\n');
    let text = '';
    socket.on('data', (bytes: Buffer) => {
      text += bytes.toString('latin1');
      const lines = text.split('\r\n');
      text = lines.pop() ?? '';
      for (const line of lines) this.#command(socket, line, connection);
    });
  }

  #command(socket: Socket, text: string, connection: number): void {
    const [tag = '', ...words] = text.split(' ');
    const line = words.join(' ');
    const again = this.#seen.get(line) ?? 0;
    this.#seen.set(line, again + 1);
    this.commands.push(line);
    const command = { tag, line, again, connection, socket };
    if (this.#misbehave(command, this)) return;
    if (line.startsWith('LIST')) socket.write('* LIST (\\HasNoChildren) "/" INBOX\r\n');
    if (line.startsWith('EXAMINE')) this.#examine(socket);
    if (line.startsWith('UID SEARCH')) socket.write(`* SEARCH ${this.#asked(line).join(' ')}\r\n`);
    if (line.startsWith('UID FETCH')) for (const uid of this.#asked(line)) this.row(socket, uid, line);
    this.ok(socket, tag);
  }

  #examine(socket: Socket): void {
    const { uidValidity, messages } = this.mailbox;
    socket.write(`* ${messages.size} EXISTS\r\n* FLAGS (\\Seen)\r\n`);
    if (uidValidity !== undefined) socket.write(`* OK [UIDVALIDITY ${uidValidity}] valid\r\n`);
  }

  /** UIDs of the mailbox that a command's set names; all of them when it names none. */
  #asked(line: string): number[] {
    const set = /^UID (?:FETCH|SEARCH UID) ([\d,:*]+)/u.exec(line)?.[1];
    const all = [...this.mailbox.messages.keys()];
    if (set === undefined) return all;
    const ranges = set.split(',').map((range) => range.split(':').map((end) => (end === '*' ? Infinity : Number(end))));
    return all.filter((uid) => ranges.some(([from = 0, to = from]) => uid >= from && uid <= to));
  }
}
