import { setTimeout } from 'node:timers/promises';
import type { StorageCredentials } from '#object-storage';
import { sealedBody } from './sealed-body.ts';
import { signedHeaders } from './signed-request.ts';

/** Users and policies of a MinIO, by its administration interface. */
export class MinioUsers {
  readonly #endpoint: string;
  readonly #owner: StorageCredentials;

  constructor(endpoint: string, owner: StorageCredentials) {
    this.#endpoint = endpoint;
    this.#owner = owner;
  }

  /** @param policy in the language of AWS */
  async addPolicy(name: string, policy: string): Promise<void> {
    await this.#put('add-canned-policy', { name }, Buffer.from(policy));
  }

  /** A user who may what these policies say together. */
  async addUser(name: string, policies: readonly string[]): Promise<StorageCredentials> {
    const secretAccessKey = `secret-of-${name}`;
    const user = Buffer.from(JSON.stringify({ secretKey: secretAccessKey, status: 'enabled' }));
    await this.#put('add-user', { accessKey: name }, sealedBody(this.#owner.secretAccessKey, user));
    const attached = { policyName: policies.join(','), userOrGroup: name, isGroup: 'false' };
    await this.#put('set-user-or-group-policy', attached, Buffer.alloc(0));
    return { accessKeyId: name, secretAccessKey };
  }

  /** Users can be made only some time after a server answers. */
  async #put(what: string, query: Readonly<Record<string, string>>, body: Buffer): Promise<void> {
    const url = new URL(`/minio/admin/v3/${what}?${new URLSearchParams(query).toString()}`, this.#endpoint);
    for (;;) {
      const headers = signedHeaders({ method: 'PUT', url, body }, this.#owner);
      const response = await fetch(url, { method: 'PUT', body, headers });
      const text = await response.text();
      if (response.ok) return;
      if (!text.includes('XMinioServerNotInitialized')) throw new Error(`${what}: ${response.status} ${text}`);
      await setTimeout(50);
    }
  }
}
