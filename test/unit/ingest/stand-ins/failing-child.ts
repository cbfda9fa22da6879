/** Answers like the second reader, but hangs, grows, ends or answers as the message asks it to. */
const hoard: Buffer[] = [];

process.on('message', (encoded: string) => {
  const asked = Buffer.from(encoded, 'base64').toString('latin1');
  while (asked.includes('please hang'));
  if (asked.includes('please grow')) setInterval(() => hoard.push(Buffer.alloc(16 * 1024 * 1024, 1)), 10);
  else if (asked.includes('please end')) process.exit(1);
  else process.send?.({ subject: '', body: `seen by ${process.pid}`, names: [] });
  if (asked.includes('then end')) setImmediate(() => process.exit(1));
});
process.on('disconnect', () => process.exit());
