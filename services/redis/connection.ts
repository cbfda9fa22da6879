import { Redis } from 'ioredis';

/**
 * What a command does while Redis is away: `asks` fails within some seconds, so that its caller can decide; `waits` stays
 * until Redis is back, however long that takes.
 */
export type RedisPatience = 'asks' | 'waits';

const reconnectFirstMs = 50;
const reconnectMaxMs = 2000;

/** Commands of `asks` are given up after this time; what was written already may still take effect. */
const askTimeoutMs = 5000;

/** A socket on which an answer is due and nothing comes for so long is replaced: the other side may be gone without a word. */
const silenceMaxMs = 20_000;

const patienceOptions = {
  asks: { maxRetriesPerRequest: 2, commandTimeout: askTimeoutMs },
  waits: { maxRetriesPerRequest: null, socketTimeout: silenceMaxMs },
} as const;

/**
 * A connection that comes back by itself, for ever, until it is disconnected.
 * @param url `redis://` or, with TLS, `rediss://`; user, password and database as usual in such an address
 * @param onTrouble told of every failed attempt to connect
 */
export function connectRedis(url: string, patience: RedisPatience, onTrouble: (error: Error) => void): Redis {
  const redis = new Redis(url, {
    ...patienceOptions[patience],
    // What every server and proxy understands.
    protocol: 2,
    connectTimeout: askTimeoutMs,
    keepAlive: 10_000,
    // How long the library holds on to a socket that is to close, even to one that is closed already.
    disconnectTimeout: 200,
    retryStrategy: (times) => Math.min(reconnectMaxMs, reconnectFirstMs * 2 ** Math.min(times, 10)),
    // After a failover the old master refuses to write: look for the new one, and send the command again.
    reconnectOnError: (error) => (error.message.startsWith('READONLY') ? 2 : false),
  });
  redis.on('error', onTrouble);
  return redis;
}
