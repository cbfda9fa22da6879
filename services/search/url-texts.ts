/** Addresses within addresses are encoded again each time. */
const DECODINGS_MAX = 3;

/** An address of the web as it is written, and as it reads once its percent-encoding is undone (RFC 3986 §2.1), layer by layer. */
export function urlTexts(url: string): readonly string[] {
  const texts = [url];
  let last = url;
  for (let layer = 0; layer < DECODINGS_MAX && last.includes('%'); layer++) {
    const decoded = last.replace(/(?:%[\da-f]{2})+/giu, (run) =>
      Buffer.from(run.replaceAll('%', ''), 'hex').toString(),
    );
    if (decoded === last) break;
    texts.push((last = decoded));
  }
  return texts;
}
