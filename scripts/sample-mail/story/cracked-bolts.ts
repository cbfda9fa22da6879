import type { Draft } from '../draft.ts';

/** Autumn 2023: the bolts crack, the laboratory says why, and the inspector writes it down. */
export const crackedBolts: readonly Draft[] = [
  {
    id: 'first-crack',
    at: '2023-09-12 07:48',
    from: 'callum',
    to: ['priya', 'margit'],
    subject: 'Bolt head on the deck below H11',
    body: `Morning both,

The sweeper found a bolt head on the footway below hanger H11. Yellow paint, so it is one of ours. It broke clean across the first thread and the break is dull grey, like sugar. No lorry touched it; the camera shows nothing.

I have it in a sandwich bag. Photograph attached. What do I do with it?

Callum`,
    attach: ['crack-photo'],
  },
  {
    id: 'first-crack-priya',
    at: '2023-09-12 08:10',
    from: 'priya',
    to: ['callum', 'margit'],
    reply: 'first-crack',
    body: `Do not clean it, do not put the two halves together, write date and hanger on the bag. I am driving out now, with the hardness tester.

Dull and grainy means the crack ran between the grains. That is the thing I was afraid of in April.

Priya`,
  },
  {
    id: 'lab-request',
    at: '2023-09-14 15:26',
    from: 'priya',
    to: ['quillon'],
    cc: ['margit'],
    subject: 'Sustained load test, 20 bolts of lot VF-2217',
    body: `Dear Dr Quist,

A courier brings you twenty unused M36 bolts of lot VF-2217 tomorrow, and one broken one in a bag. Please run the sustained load test at 75 percent of proof load for 96 hours and look at every fracture surface.

My own readings on site, twelve bolts, run up to 412 HV10. The specification allows 380.

Priya Nandakumar`,
    attach: ['hardness-measured'],
  },
  {
    id: 'lab-report',
    at: '2023-10-09 11:02',
    from: 'quillon',
    to: ['priya'],
    cc: ['margit'],
    reply: 'lab-request',
    body: `Dear Priya,

Report QL-5530 is attached. Seven of twenty fractured within 48 hours, the first after five. All surfaces are intergranular. I have rarely seen a clearer case of hydrogen embrittlement.

I do not usually underline things. Please do not leave these bolts in a structure that carries people.

Ottoline Quist`,
    attach: ['lab-report'],
    format: 'alternative',
  },
  {
    id: 'lab-to-tobias',
    at: '2023-10-09 11:40',
    from: 'priya',
    to: ['tobias'],
    cc: ['margit', 'desmond'],
    forward: 'lab-report',
    body: `Tobias,

Please read this today. Seven of twenty. We have 439 bolts of that lot in the bridge.

Clause 14.2 gives us 24 hours to tell the county. I can draft the letter in one.

Priya`,
    attach: ['lab-report'],
    folders: { tobias: 'archive' },
  },
  {
    id: 'lab-tobias',
    at: '2023-10-09 19:55',
    from: 'tobias',
    to: ['priya'],
    cc: ['desmond'],
    reply: 'lab-to-tobias',
    quote: false,
    body: `Thanks Priya. A laboratory test of unused bolts is not a defect of the bridge. Margit's inspection is in three weeks and will tell us where we stand. Until then nothing goes to the county, please. I will speak to them myself.

T.`,
  },
  {
    id: 'inspection-night',
    at: '2023-10-31 22:37',
    from: 'margit',
    to: ['priya', 'callum'],
    subject: 'Two days on the hangers',
    body: `Just down. Eleven bolts cracked that I can see with a glass, two of them through half the section: H03 and H11. I tested twelve for hardness; seven are over the limit. My readings and Priya's agree to the digit on every one, which I have not had happen in thirty years.

I am too tired to be angry. The draft will be on Tobias's desk on Monday.

Raw data and the two photographs are in the zip, please keep a copy somewhere that is not the project drive.

Margit`,
    attach: ['site-data', 'crack-photo-2'],
  },
  {
    id: 'inspection-priya',
    at: '2023-11-01 07:20',
    from: 'priya',
    to: ['margit'],
    reply: 'inspection-night',
    body: `Copied, with a checksum. Get some sleep. And thank you for saying it in numbers.

P.`,
  },
  {
    id: 'draft-b',
    at: '2023-11-06 09:14',
    from: 'margit',
    to: ['tobias'],
    cc: ['priya'],
    subject: 'NS-2023-114, draft B',
    body: `Tobias,

Draft B of the principal inspection report is attached, with the readings as appendix C.

Condition of the hanger connections: poor. I recommend closing the bridge to vehicles above 7.5 tonnes at once, and replacing all of VF-2217. There is no reading of these numbers that allows another verdict.

I am at the dentist on Thursday; otherwise call me at any hour.

Margit`,
    attach: ['draft-report', 'hardness-measured'],
    format: 'alternative',
  },
];
