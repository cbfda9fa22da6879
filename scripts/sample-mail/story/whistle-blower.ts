import type { Draft } from '../draft.ts';

/** Early 2024: two people notice, one of them speaks up. */
export const whistleBlower: readonly Draft[] = [
  {
    id: 'numbers',
    at: '2024-01-29 16:50',
    from: 'priya',
    to: ['margit'],
    subject: 'Appendix C',
    body: `Margit,

The county has put NS-2023-114 on its web page. I looked up appendix C because I wanted to cite it, and the numbers are not ours. H11 was 412 in your draft and in my notebook; it says 372. Seven of twelve readings are lower than what we measured, and every one of the seven is now just under the limit. The other five are untouched.

Table attached. Please tell me that I am looking at an old version.

Priya`,
    attach: ['comparison'],
    format: 'alternative',
  },
  {
    id: 'numbers-margit',
    at: '2024-01-29 17:34',
    from: 'margit',
    to: ['priya'],
    reply: 'numbers',
    body: `You are not. That is my signature page and not my report. I have never written the word "superficial" in my life.

I was on leave when it was issued. I shall ask Tobias tomorrow, in person, and then I shall write down what he says.

Margit`,
  },
  {
    id: 'margit-note',
    at: '2024-01-30 12:09',
    from: 'margit',
    to: ['margit'],
    subject: 'Note of a conversation, 30 January, 11:30',
    body: `T. says the draft was "harmonised" with the supplier's certificate, that this is usual, that the bolts are being replaced anyway and that nobody drives over the bridge at night. He asked whether I was happy in my work. He asked whether Priya was.

I said that I withdraw my signature. He said a signature cannot be withdrawn.

Written down at once, M. Halloran.`,
    folders: { margit: 'notes' },
    unsigned: true,
  },
  {
    id: 'speak-up',
    at: '2024-02-11 22:41',
    from: 'priya',
    to: ['ethics'],
    subject: 'Report of a danger to the public: Sallow Ferry Bridge',
    body: `To whom it concerns,

I am an engineer at Northmere Spanworks. The inspection report NS-2023-114, on which Calder County relies to keep the Sallow Ferry Bridge open, was altered between its draft B of 6 November and its publication on 1 December 2023. Seven hardness readings were lowered. The verdict "poor" became "satisfactory". The inspector did not agree and did not know.

343 bolts that a laboratory found to be brittle are still in the bridge. About four thousand vehicles cross it every day, and the school bus twice.

I attach the original message with draft B as I received it, and my comparison. I would prefer not to be named to the project director.`,
    attach: ['comparison'],
    attachMail: ['draft-b'],
    folders: { priya: 'sent' },
  },
  {
    id: 'speak-up-answer',
    at: '2024-02-13 10:00',
    from: 'ethics',
    to: ['priya'],
    cc: ['leonie'],
    subject: 'Your report CW-4471 has been received',
    body: `Thank you for your report. It has the number CW-4471. A person who is independent of your department will read it within ten working days. You are protected from any disadvantage because of it.

Please do not remove or alter any document that you refer to.`,
    format: 'html',
    unsigned: true,
  },
  {
    id: 'to-herself',
    at: '2024-02-14 18:22',
    from: 'priya',
    to: ['private'],
    forward: 'draft-b',
    body: `For safe keeping.`,
    attach: ['draft-report', 'hardness-measured'],
    unsigned: true,
  },
  {
    id: 'reporter',
    at: '2024-03-04 09:25',
    from: 'imogen',
    to: ['margit'],
    subject: 'Sallow Ferry Bridge',
    body: `Dear Ms Halloran,

I write for the Calder Courier. Somebody on the night boats says that bags of bolts were thrown into the river below pier two in January, and that he fished one out. It broke in his hands.

Your name is on the report that calls the bridge satisfactory. Would you talk to me about it?

Imogen Strand`,
  },
  {
    id: 'reporter-margit',
    at: '2024-03-04 09:50',
    from: 'margit',
    to: ['leonie'],
    forward: 'reporter',
    body: `Leonie,

I do not answer reporters. But I would like to answer you, today if you can. There are things in this that you do not know.

Margit`,
  },
  {
    id: 'county-asks',
    at: '2024-03-18 14:16',
    from: 'rosalind',
    to: ['tobias'],
    cc: ['leonie'],
    subject: 'Raw data for NS-2023-114',
    body: `Dear Tobias,

After a question from the Courier, my committee would like to see the raw hardness readings behind appendix C, in the form in which they were taken on site. I assume that is a matter of minutes.

Rosalind Firth`,
  },
  {
    id: 'tidy-up',
    at: '2024-03-18 18:47',
    from: 'tobias',
    to: ['sam'],
    subject: 'Mailbox size',
    body: `Sam,

My mailbox is far too large. Could you empty my deleted items for good, and whatever the server keeps of them? And how long do the backups go back?

Same for Desmond, he is too busy to ask.

Tobias`,
    folders: { tobias: 'deleted-items' },
  },
  {
    id: 'tidy-up-sam',
    at: '2024-03-19 08:31',
    from: 'sam',
    to: ['tobias'],
    reply: 'tidy-up',
    body: `Morning Tobias,

I can empty the folder, but the archive takes a copy of everything as it arrives, and that one cannot be emptied, not by me and not by you. That is rather the point of it, Legal had it put in last year.

You are using 2 of 50 gigabytes, by the way.

Sam`,
  },
  {
    id: 'tidy-up-heron',
    at: '2024-03-19 08:44',
    from: 'tobias',
    to: ['desmond'],
    subject: 'the heron can be seen from the road',
    body: `Everything that ever flew is in an archive. Did you know that? Call me. Not from the office.`,
    folders: { tobias: 'deleted-items', desmond: 'private' },
  },
];
