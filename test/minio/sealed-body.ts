import { createCipheriv, pbkdf2Sync, randomBytes } from 'node:crypto';

const saltBytes = 32;
const nonceBytes = 8;
/** PBKDF2 and AES-256-GCM, of the forms that MinIO reads. */
const form = 2;
const iterations = 8192;
const lastFragment = 0x80;

/**
 * A short secret as MinIO's administration wants it: under a key made from the caller's own secret, as the one fragment of
 * a stream. Each fragment is sealed with a flag and the seal of nothing at all, which is number 0.
 */
export function sealedBody(secret: string, plain: Buffer): Buffer {
  const salt = randomBytes(saltBytes);
  const nonce = randomBytes(nonceBytes);
  const key = pbkdf2Sync(secret, salt, iterations, 32, 'sha256');
  const seal = (number: number, associated: Buffer, text: Buffer): Buffer => {
    const iv = Buffer.alloc(nonceBytes + 4, nonce);
    iv.writeUInt32LE(number, nonceBytes);
    const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(associated);
    return Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  };
  const sealOfNothing = seal(0, Buffer.alloc(0), Buffer.alloc(0));
  const fragment = seal(1, Buffer.concat([Buffer.from([lastFragment]), sealOfNothing]), plain);
  return Buffer.concat([salt, Buffer.from([form]), nonce, fragment]);
}
