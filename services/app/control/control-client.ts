import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { AppFault } from '../app-fault.ts';
import type { Io } from '../cli/io.ts';
import { linesOf } from './lines.ts';
import { controlReply, type ControlReply, type ControlRequest, requestBytesMax } from './protocol.ts';

/**
 * Runs a command in the process that has the archive open. Undefined when nobody listens at `path`, or hears what is asked: that
 * process is ending, and has run nothing of it.
 * @throws AppFault `connection-lost` when that process ends before its answer does; `usage` for what is too long to send
 */
export async function runThere(path: string, request: ControlRequest, io: Io): Promise<number | undefined> {
  const asked = `${JSON.stringify(request)}\n`;
  if (Buffer.byteLength(asked) > requestBytesMax) {
    throw new AppFault('usage', 'What was typed is too long.', { remedy: 'Shorten it to less than 1 MB.' });
  }
  const socket = await reach(path);
  if (socket === undefined) return undefined;
  const hangUp = () => socket.destroy();
  io.signal.addEventListener('abort', hangUp, { once: true });
  socket.on('error', () => socket.destroy());
  try {
    socket.write(asked);
    let isHeard = false;
    for await (const line of linesOf(socket)) {
      isHeard = true;
      const reply = controlReply.parse(JSON.parse(line));
      if (reply.kind === 'exit') return reply.code;
      await pass(reply, io);
    }
    io.signal.throwIfAborted();
    if (!isHeard) return undefined;
    throw new AppFault('connection-lost', 'The process that has the archive open ended before it had answered.', {
      remedy: 'Run the command again; what was acknowledged is safe, and a repetition completes the rest.',
    });
  } finally {
    io.signal.removeEventListener('abort', hangUp);
    socket.destroy();
  }
}

async function reach(path: string): Promise<Socket | undefined> {
  const socket = connect(path);
  try {
    await once(socket, 'connect');
    return socket;
  } catch {
    socket.destroy();
    return undefined;
  }
}

async function pass(reply: Exclude<ControlReply, { kind: 'exit' }>, io: Io): Promise<void> {
  switch (reply.kind) {
    case 'taken':
      return;
    case 'result':
      io.result(reply.value, reply.text);
      return io.taken();
    case 'bytes':
      return io.bytes(Buffer.from(reply.base64, 'base64'));
    case 'note':
      return io.note(reply.text);
    case 'progress':
      return io.progress(reply);
  }
}
