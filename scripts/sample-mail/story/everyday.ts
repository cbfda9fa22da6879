import type { Draft } from '../draft.ts';

/** What else fills mailboxes: nobody's evidence, and some of it uses the same words. */
export const everyday: readonly Draft[] = [
  {
    id: 'coffee',
    at: '2023-03-21 08:58',
    from: 'sam',
    to: ['everyone'],
    subject: 'Coffee machine, second floor',
    body: `The coffee machine reports error 17, which according to the manual means "call your coffee machine". A technician comes on Thursday. Until then the first floor has kindly offered asylum.

Sam`,
  },
  {
    id: 'coffee-2',
    at: '2023-03-21 09:04',
    from: 'priya',
    to: ['sam'],
    reply: 'coffee',
    body: `Error 17 is limescale. I can lend it some citric acid from the lab, grade: analytical.`,
  },
  {
    id: 'birds',
    at: '2023-04-27 18:20',
    from: 'yuki',
    to: ['margit', 'priya'],
    subject: 'Saturday: bird watching at the estuary',
    body: `Is anybody coming on Saturday? Low tide is at ten. Last time we had two curlews, a kingfisher and a very patient heron. I bring the telescope, somebody else brings the cake.

Yuki`,
    format: 'alternative',
  },
  {
    id: 'birds-2',
    at: '2023-04-27 19:02',
    from: 'margit',
    to: ['yuki', 'priya'],
    reply: 'birds',
    body: `Cake: lemon. Telescope: yours. Knees: old. See you at half past nine.`,
  },
  {
    id: 'birds-3',
    at: '2023-04-27 21:40',
    from: 'priya',
    to: ['yuki', 'margit'],
    reply: 'birds-2',
    body: `In. If the blue heron is there I owe Yuki a coffee, if it moves she owes me one.`,
  },
  {
    id: 'expenses',
    at: '2023-07-11 10:15',
    from: 'desmond',
    to: ['callum', 'margit', 'yuki'],
    subject: 'Expenses, second quarter',
    body: `Please send in your expenses for April to June by Friday. Three reminders from last year:

- a receipt is not a photograph of a restaurant
- taxis need a reason, and "rain" is one only above 10 mm
- boots are ordered through Sam

Desmond`,
  },
  {
    id: 'expenses-2',
    at: '2023-07-11 10:52',
    from: 'callum',
    to: ['desmond'],
    reply: 'expenses',
    body: `It was 11 mm. I have the readings.`,
  },
  {
    id: 'summer',
    at: '2023-08-01 15:30',
    from: 'tobias',
    to: ['margit', 'priya', 'callum', 'desmond', 'yuki'],
    subject: 'Summer evening on the ferry',
    body: `The ferryman lends us his boat on the 18th from six o'clock. Families are welcome. Please tell me how many you are, whether you eat fish, and whether you can be trusted near the rail.

Tobias`,
    format: 'html',
  },
  { id: 'summer-2', at: '2023-08-01 16:11', from: 'margit', to: ['tobias'], reply: 'summer', body: `One, yes, no.` },
  {
    id: 'summer-3',
    at: '2023-08-02 09:27',
    from: 'callum',
    to: ['tobias', 'margit', 'priya', 'desmond', 'yuki'],
    reply: 'summer',
    body: `Four of us. The small one eats only what is yellow.`,
  },
  {
    id: 'training',
    at: '2023-09-04 11:00',
    from: 'leonie',
    to: ['everyone'],
    subject: 'New: mail is archived from today',
    body: `Dear all,

From today every message that you send or receive is kept in an archive, byte for byte. Nobody reads it: searching it needs a matter and leaves an entry that cannot be removed, for me as for everybody else. Private mail is better sent from a private address.

The policy is on the notice board. Questions are welcome, before lunch especially.

Leonie Vasquez`,
    format: 'alternative',
  },
  {
    id: 'training-2',
    at: '2023-09-04 11:36',
    from: 'yuki',
    to: ['leonie'],
    reply: 'training',
    body: `Does it also keep what I delete?\n\nYuki`,
  },
  {
    id: 'training-3',
    at: '2023-09-04 11:41',
    from: 'leonie',
    to: ['yuki'],
    reply: 'training-2',
    body: `Yes. Deleting tidies your mailbox, not the past.`,
  },
  {
    id: 'insurance',
    at: '2023-10-24 13:22',
    from: 'desmond',
    to: ['leonie'],
    cc: ['tobias'],
    subject: 'Professional indemnity: renewal',
    body: `Leonie,

The insurer wants the usual declaration that we know of no circumstance that may lead to a claim. Could you sign by the end of the month? Last year's is attached in spirit.

Desmond`,
  },
  {
    id: 'insurance-2',
    at: '2023-10-24 14:40',
    from: 'leonie',
    to: ['desmond', 'tobias'],
    reply: 'insurance',
    body: `I can, if you both answer this message with "I know of none".\n\nLeonie`,
  },
  {
    id: 'insurance-3',
    at: '2023-10-24 14:44',
    from: 'tobias',
    to: ['leonie', 'desmond'],
    reply: 'insurance-2',
    body: `I know of none.\n\nTobias`,
  },
  {
    id: 'insurance-4',
    at: '2023-10-25 08:03',
    from: 'desmond',
    to: ['leonie', 'tobias'],
    reply: 'insurance-2',
    body: `I know of none.\n\nD.`,
  },
  {
    id: 'printer',
    at: '2023-11-15 14:05',
    from: 'sam',
    to: ['everyone'],
    subject: 'Plotter: please stop feeding it photographs',
    body: `Whoever printed forty copies of a heron in A1: they are lovely, and the cyan is finished. New cyan on Friday.

Sam`,
  },
  {
    id: 'holidays',
    at: '2023-11-16 09:40',
    from: 'margit',
    to: ['tobias'],
    cc: ['priya'],
    subject: 'Leave, 20 November to 3 December',
    body: `I am away for two weeks, on an island without a telephone mast. The draft is complete. If anything in it has to change, it waits until I am back; nobody signs for me.

Margit`,
  },
  {
    id: 'holidays-2',
    at: '2023-11-16 09:47',
    from: 'tobias',
    to: ['margit'],
    reply: 'holidays',
    body: `Enjoy the silence. Nothing will change.`,
  },
  {
    id: 'boots',
    at: '2024-02-06 08:15',
    from: 'callum',
    to: ['sam'],
    subject: 'Boots, size 44, again',
    body: `Sam,

The left boot from January leaks. The right one does not, so you could order half a pair. The supplier says that this is "satisfactory", which is a word I have begun to dislike.

Callum`,
  },
  {
    id: 'lecture',
    at: '2024-03-12 16:16',
    from: 'priya',
    to: ['margit', 'yuki', 'callum'],
    subject: 'Lecture on the 21st: how bolts fail',
    body: `The Institution has asked me for an hour on delayed fracture, with slides. I promise one joke and no names of suppliers. Seven o'clock, free sandwiches.

Priya`,
  },
  {
    id: 'lecture-2',
    at: '2024-03-12 16:33',
    from: 'yuki',
    to: ['priya', 'margit', 'callum'],
    reply: 'lecture',
    body: `Is the joke about hydrogen?`,
  },
  {
    id: 'lecture-3',
    at: '2024-03-12 16:35',
    from: 'priya',
    to: ['yuki', 'margit', 'callum'],
    reply: 'lecture-2',
    body: `It is a small one.`,
  },
  {
    id: 'parking',
    at: '2024-06-03 09:12',
    from: 'sam',
    to: ['everyone'],
    subject: 'Parking spaces 4 to 9 closed on Wednesday',
    body: `The county paints the lines on Wednesday. Whoever parks there will be painted as well.

Sam`,
  },
  {
    id: 'farewell',
    at: '2024-07-26 12:00',
    from: 'tobias',
    to: ['everyone'],
    subject: 'Goodbye',
    body: `Today is my last day. I have built eleven bridges with you and am proud of ten.

Tobias`,
  },
];
