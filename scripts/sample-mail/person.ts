/** Everybody in the story. Companies, people and places are invented; all addresses end in `.example` (RFC 2606). */
export interface Person {
  readonly name: string;
  readonly address: string;
  readonly title: string;
  readonly company: string;
  /** The mailbox that is collected, for our own people; the others appear only in the mail of these. */
  readonly custodian?: string;
}

const northmere = 'Northmere Spanworks';

function own(name: string, title: string): Person {
  const custodian = name.toLowerCase().replace(' ', '.');
  return { name, title, custodian, company: northmere, address: `${custodian}@northmere-spanworks.example` };
}

export const people = {
  margit: own('Margit Halloran', 'Chief Inspector'),
  tobias: own('Tobias Renner', 'Project Director, Sallow Ferry'),
  priya: own('Priya Nandakumar', 'Senior Materials Engineer'),
  desmond: own('Desmond Okoye', 'Commercial Director'),
  leonie: own('Leonie Vasquez', 'General Counsel'),
  yuki: own('Yuki Tanabe', 'International Procurement'),
  callum: own('Callum Reyes', 'Site Manager, Sallow Ferry'),
  sam: {
    name: 'Sam Whitlock',
    address: 'sam.whitlock@northmere-spanworks.example',
    title: 'IT and Facilities',
    company: northmere,
  },
  everyone: { name: 'All Staff', address: 'all-staff@northmere-spanworks.example', title: '', company: northmere },
  scanner: {
    name: 'Scanner, second floor',
    address: 'scanner-2@northmere-spanworks.example',
    title: '',
    company: northmere,
  },
  postmaster: {
    name: 'Mail Delivery System',
    address: 'mailer-daemon@northmere-spanworks.example',
    title: '',
    company: northmere,
  },
  girder: {
    name: 'The Girder',
    address: 'newsletter@northmere-spanworks.example',
    title: 'Staff newsletter',
    company: northmere,
  },
  rosalind: {
    name: 'Rosalind Firth',
    address: 'r.firth@calder-county.example',
    title: 'Head of Highways and Structures',
    company: 'Calder County Council',
  },
  gregor: {
    name: 'Gregor Veldham',
    address: 'gregor@veldham-fastenings.example',
    title: 'Managing Director',
    company: 'Veldham Fastenings',
  },
  zdenek: {
    name: 'Zdeněk Havránek',
    address: 'havranek@veldham-fastenings.example',
    title: 'Metallurgist',
    company: 'Veldham Fastenings',
  },
  quillon: {
    name: 'Dr Ottoline Quist',
    address: 'o.quist@quillon-lab.example',
    title: 'Head of Fracture Testing',
    company: 'Quillon Materials Laboratory',
  },
  imogen: {
    name: 'Imogen Strand',
    address: 'imogen.strand@calder-courier.example',
    title: 'Reporter',
    company: 'The Calder Courier',
  },
  ikenna: {
    name: 'Ikenna Marchetti',
    address: 'ikenna@marchetti-lowe.example',
    title: 'Partner',
    company: 'Marchetti Lowe Solicitors',
  },
  reedbed: {
    name: 'Reedbed Ecology',
    address: 'accounts@reedbed-ecology.example',
    title: '',
    company: 'Reedbed Ecology',
  },
  ethics: {
    name: 'Speak Up Line',
    address: 'speak-up@clearwell-ethics.example',
    title: '',
    company: 'Clearwell Ethics',
  },
  private: { name: 'P N', address: 'bluetit.garden@letterbox.example', title: '', company: '' },
  saeki: { name: '佐伯健', address: 'saeki@minato-cable.example', title: '', company: '港ケーブル株式会社' },
  wang: { name: '王丽华', address: 'wang.lihua@lianhe-steel.example', title: '', company: '联合钢铁质量部' },
  amina: { name: 'أمينة الخطيب', address: 'amina@khatib-survey.example', title: '', company: 'مكتب الخطيب للمساحة' },
  eleni: {
    name: 'Ελένη Παπαδάκη',
    address: 'eleni@papadaki-bearings.example',
    title: '',
    company: 'Εφέδρανα Παπαδάκη',
  },
  svetlana: { name: 'Светлана Орлова', address: 'orlova@orlova-cranes.example', title: '', company: 'Орлова Краны' },
  anil: { name: 'अनिल देशमुख', address: 'anil@deshmukh-castings.example', title: '', company: 'देशमुख कास्टिंग्स' },
  juergen: {
    name: 'Jürgen Größmann',
    address: 'groessmann@moewe-korrosion.example',
    title: 'Prüfingenieur',
    company: 'Möwe Korrosionsschutz',
  },
} as const satisfies Readonly<Record<string, Person>>;

export type PersonKey = keyof typeof people;

export function person(key: PersonKey): Person {
  return people[key];
}
