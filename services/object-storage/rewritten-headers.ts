/** Somebody who should not get in: another secret for the same access key, an unknown access key, nobody at all. */
export type Stranger = 'wrong-secret' | 'unknown-access-key' | 'unsigned';

type Headers = Readonly<Record<string, string>>;
/** A value sets a header; undefined takes it away. */
export type HeaderChanges = Readonly<Record<string, string | undefined>>;

/** Where such a change goes in: what is signed, or what was signed. */
export const beforeSigning = {
  name: 'rewriteHeaders',
  relation: 'before',
  toMiddleware: 'httpSigningMiddleware',
} as const;
export const afterSigning = { ...beforeSigning, relation: 'after' } as const;

/** A step of the client library that changes the headers of a request. */
export function rewritingHeaders(changesOf: (headers: Headers) => HeaderChanges) {
  return <Args extends object, Result>(next: (args: Args) => Promise<Result>) =>
    async (args: Args): Promise<Result> => {
      const headers = headersOf(args);
      for (const [name, value] of Object.entries(changesOf(textsOf(headers)))) {
        for (const key of Object.keys(headers)) if (key.toLowerCase() === name) Reflect.deleteProperty(headers, key);
        if (value !== undefined) Object.assign(headers, { [name]: value });
      }
      return next(args);
    };
}

/** The signature as somebody else would have made it. */
export function identityOf(stranger: Stranger, headers: Headers): HeaderChanges {
  const authorization = headers['authorization'] ?? '';
  switch (stranger) {
    case 'wrong-secret':
      return { authorization: authorization.replace(/(?<=Signature=)[0-9a-f]{8}/u, turned) };
    case 'unknown-access-key':
      return { authorization: authorization.replace(/(?<=Credential=)[^/]+/u, 'NOBODYKNOWSTHISKEY00') };
    case 'unsigned':
      return { authorization: undefined, 'x-amz-security-token': undefined };
  }
}

/** Other hexadecimal digits, each of them. */
function turned(digits: string): string {
  const octets = Buffer.from(digits, 'hex').map((octet) => 0xff - octet);
  return Buffer.from(octets).toString('hex');
}

function headersOf(args: object): object {
  const request = valueAt(args, 'request');
  const headers = typeof request === 'object' && request !== null ? valueAt(request, 'headers') : undefined;
  if (typeof headers !== 'object' || headers === null) throw new TypeError('The client library sends no headers.');
  return headers;
}

function textsOf(headers: object): Headers {
  const texts = Object.entries(headers).map(([name, value]) => [name.toLowerCase(), String(value)] as const);
  return Object.fromEntries(texts);
}

function valueAt(object: object, key: string): unknown {
  return Object.entries(object).find(([name]) => name === key)?.[1];
}
