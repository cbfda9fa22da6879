/** How Elasticsearch is reached, and as whom. */
export interface SearchConnection {
  /** Without credentials. */
  readonly url: string;
  readonly auth?: { readonly apiKey: string } | { readonly username: string; readonly password: string };
}

/** Takes the credentials out of an address: `USER:PASSWORD@`, or `:KEY@` for an API key in its encoded form. */
export function searchConnectionOf(node: string): SearchConnection {
  const url = new URL(node);
  const [username, password] = [decodeURIComponent(url.username), decodeURIComponent(url.password)];
  url.username = '';
  url.password = '';
  if (username !== '') return { url: url.href, auth: { username, password } };
  return password === '' ? { url: url.href } : { url: url.href, auth: { apiKey: password } };
}
