import { once } from 'node:events';
import { connect } from 'node:net';

const answerMsMax = 40_000;

/** Whether an HTTP server says 2xx. */
export async function answersHttp(url: string): Promise<boolean> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(answerMsMax) });
    await response.arrayBuffer();
    return response.ok;
  } catch {
    return false;
  }
}

/** Whether a Redis has loaded its data. */
export async function answersRedis(host: string, port: number): Promise<boolean> {
  const socket = connect({ host, port });
  try {
    socket.write('PING\r\n');
    const [answer] = await once(socket, 'data', { signal: AbortSignal.timeout(answerMsMax) });
    return String(answer).startsWith('+PONG');
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

/** Whether anything listens at the host and port of a URL. */
export async function isReachable(url: string): Promise<boolean> {
  const { protocol, hostname, port } = new URL(url);
  const usual = new Map([
    ['http:', '80'],
    ['https:', '443'],
    ['redis:', '6379'],
  ]);
  const socket = connect({ host: hostname, port: Number(port === '' ? usual.get(protocol) : port) });
  try {
    await once(socket, 'connect', { signal: AbortSignal.timeout(answerMsMax) });
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
