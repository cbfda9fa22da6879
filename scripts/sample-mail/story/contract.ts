import type { Draft } from '../draft.ts';

/** Spring and summer 2023: the contract is won, and the bolts are bought from the cheapest supplier. */
export const contract: readonly Draft[] = [
  {
    id: 'won',
    at: '2023-03-06 16:42',
    from: 'tobias',
    to: ['margit', 'priya', 'desmond', 'callum'],
    cc: ['leonie'],
    subject: 'Sallow Ferry is ours',
    body: `All,

The county signed this afternoon. We inspect and re-hang the Sallow Ferry Bridge: twelve pairs of hangers, every bolt, and the principal inspection report at the end of it. Two million one hundred and forty thousand, and a completion bonus if the report is accepted by 15 December.

I know what the last tender did to everybody's weekends. Thank you. The first site meeting is on Monday at eight, in the pump house; bring boots.

Tobias`,
    attach: ['contract-summary'],
    format: 'alternative',
  },
  {
    id: 'won-margit',
    at: '2023-03-06 17:20',
    from: 'margit',
    to: ['tobias'],
    cc: ['priya', 'callum'],
    reply: 'won',
    body: `Good news. One thing while the ink is wet: the inspection has to stay independent of the bonus. I report what I find, on the day I find it, and I sign it or I do not. I would like that said at the first meeting so that nobody has to say it later.

Margit`,
  },
  {
    id: 'won-tobias',
    at: '2023-03-06 17:31',
    from: 'tobias',
    to: ['margit'],
    reply: 'won-margit',
    body: `Nobody would dare do otherwise. Monday, eight, boots.`,
  },
  {
    id: 'quotes',
    at: '2023-04-18 10:05',
    from: 'desmond',
    to: ['tobias', 'priya'],
    cc: ['yuki'],
    subject: 'Hanger bolts M36: three quotations',
    body: `Three quotations are in for 480 bolts M36, grade 10.9, hot-dip galvanised:

- Minato Cable, Osaka: 61,400, fourteen weeks
- Deshmukh Castings, Pune: 48,900, eleven weeks
- Veldham Fastenings: 33,200, five weeks

Veldham is half the price and a third of the wait. They were new to me, but Gregor Veldham came in person and I liked him. Unless somebody shouts I place the order on Friday.

Desmond`,
  },
  {
    id: 'quotes-priya',
    at: '2023-04-18 11:47',
    from: 'priya',
    to: ['desmond', 'tobias'],
    cc: ['yuki'],
    reply: 'quotes',
    body: `Shouting, politely. Grade 10.9 with hot-dip galvanising is exactly where hydrogen embrittlement happens if the pickling and baking are rushed. Five weeks leaves no time to bake anything. Can we ask Veldham how they de-embrittle, and hold back ten bolts from the lot for a test before any of them goes up?

Priya`,
    format: 'alternative',
  },
  {
    id: 'quotes-desmond',
    at: '2023-04-18 14:02',
    from: 'desmond',
    to: ['priya'],
    cc: ['tobias', 'yuki'],
    reply: 'quotes-priya',
    body: `They send an inspection certificate with every lot. That is what certificates are for. Order goes out on Friday.

D.`,
  },
  {
    id: 'certificate',
    at: '2023-05-24 09:30',
    from: 'zdenek',
    to: ['desmond', 'priya'],
    subject: 'Lot VF-2217: certificate and delivery',
    body: `Dear Mr Okoye, dear Ms Nandakumar,

Lot VF-2217 left our works this morning, 480 bolts on two pallets. The certificate 3.1 is attached. The steel is from Lianhe, heat certificate LH-88341.

The bolts were baked for 24 hours at 210 °C, as you asked.

With kind regards
Zdeněk Havránek`,
    attach: ['certificate'],
    encoding: 'quoted-printable',
  },
  {
    id: 'certificate-priya',
    at: '2023-05-24 13:15',
    from: 'priya',
    to: ['zdenek'],
    cc: ['desmond'],
    reply: 'certificate',
    body: `Dear Mr Havránek,

Thank you. May I see the furnace record for the baking? The galvanising slip on the pallet has the same date as the dispatch note, and 24 hours do not fit between the two.

Kind regards
Priya Nandakumar`,
  },
  {
    id: 'certificate-gregor',
    at: '2023-05-25 08:11',
    from: 'gregor',
    to: ['desmond'],
    subject: 'your engineer',
    body: `Desmond,

Your Ms Nandakumar is asking my metallurgist for furnace records. We have never been asked for furnace records by anybody. Do you want cheap bolts or a correspondence course?

Lunch is still on for Thursday.

Gregor`,
    folders: { desmond: 'veldham' },
  },
  {
    id: 'installed',
    at: '2023-06-30 18:05',
    from: 'callum',
    to: ['tobias', 'margit'],
    cc: ['desmond'],
    subject: 'Last hanger is up',
    body: `The last of the twelve pairs went up at 16:20, two days early. All bolts of VF-2217 tightened to 75 percent of proof load and marked with yellow paint. Forty-one bolts are left over and locked in the container.

The ferryman came out on his deck and took his hat off to the crane crew. I have a photograph.

Callum`,
    format: 'html',
  },
];
