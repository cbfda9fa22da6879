/** A tree of `size` entries and its RFC 6962 root, 64 lower-case hex digits. */
export interface TreeHead {
  readonly size: number;
  readonly root: string;
}

/** Holds the ledger's Ed25519 key and remembers what was signed with it. Lives outside the bucket. */
export interface Signer {
  /** 32 bytes, base64. */
  readonly publicKey: string;
  /** The first 16 hex digits of sha256 of the 32 bytes of the public key. */
  readonly keyId: string;

  sign(bytes: Uint8Array): Promise<Uint8Array>;

  /** The largest tree for which a checkpoint was ever signed, or undefined. */
  lastSigned(): Promise<TreeHead | undefined>;

  /** Durable on return; called before a checkpoint of a larger tree leaves. */
  remember(head: TreeHead): Promise<void>;
}
