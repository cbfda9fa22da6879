import { simpleParser } from 'mailparser';

/** What the second reading found, as text; the parent analyses it. */
export interface SecondReading {
  readonly subject: string;
  readonly body: string;
  readonly names: readonly string[];
}

const options = {
  skipImageLinks: true,
  skipTextLinks: true,
  skipTextToHtml: true,
  // Of a date that it cannot read it says the moment of reading: that stands in no message, and is another one at each rebuild.
  formatDateString: () => '',
};

process.on('message', (encoded: string) => {
  void simpleParser(Buffer.from(encoded, 'base64'), options)
    .then((mail): SecondReading => {
      const texts = mail.attachments.flatMap((part) =>
        part.contentType.startsWith('text/') ? [part.content.toString()] : [],
      );
      return {
        subject: mail.subject ?? '',
        body: [mail.text ?? '', ...texts].join('\n'),
        names: mail.attachments.flatMap((part) => part.filename ?? []),
      };
    })
    .catch((): SecondReading => ({ subject: '', body: '', names: [] }))
    .then((reading) => process.send?.(reading));
});
process.on('disconnect', () => process.exit());
