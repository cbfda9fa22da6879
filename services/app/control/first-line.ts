import type { Socket } from 'node:net';

/**
 * The first line that comes. The socket keeps flowing afterwards, what comes is thrown away, so that hanging up is
 * noticed. Undefined when the socket closes before, or more than `bytesMax` come.
 */
export function firstLine(socket: Socket, bytesMax: number): Promise<string | undefined> {
  return new Promise((resolve) => {
    let received = Buffer.alloc(0);
    const take = (chunk: Buffer): void => {
      received = Buffer.concat([received, chunk]);
      const end = received.indexOf(0x0a);
      if (end < 0 && received.length <= bytesMax) return;
      socket.off('data', take).resume();
      resolve(end >= 0 && end <= bytesMax ? received.subarray(0, end).toString('utf8') : undefined);
    };
    socket.on('data', take).once('close', () => resolve(undefined));
  });
}
