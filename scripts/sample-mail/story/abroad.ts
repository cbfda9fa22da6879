import type { Draft } from '../draft.ts';

/** Suppliers and partners who write in their own languages, each in the charset of their mail program. */
export const abroad: readonly Draft[] = [
  {
    id: 'minato-1',
    at: '2023-04-12 02:10',
    from: 'saeki',
    to: ['yuki'],
    subject: '吊りケーブル納期の件',
    body: `田辺様

いつもお世話になっております。港ケーブルの佐伯です。

お問い合わせいただいたボルト四百八十本の納期は、十四週間となります。脱水素処理と検査証明書の準備に時間が必要なためです。

ご検討のほど、よろしくお願いいたします。`,
    charset: 'iso-2022-jp',
    unsigned: true,
  },
  {
    id: 'minato-2',
    at: '2023-04-12 09:32',
    from: 'yuki',
    to: ['saeki'],
    reply: 'minato-1',
    body: `佐伯様

ご連絡ありがとうございます。残念ながら、今回は価格の安い別の会社に発注することになりました。私は納期より品質が大切だと思うのですが。

また次の機会によろしくお願いいたします。
田辺ゆき`,
    encoding: 'base64',
    unsigned: true,
  },
  {
    id: 'minato-3',
    at: '2024-02-20 01:55',
    from: 'saeki',
    to: ['yuki'],
    subject: '橋梁点検報告書について',
    body: `田辺様

公開された点検報告書を拝見しました。当社の技術者が昨年十月に現場で立ち会った際、第十一番吊り材の硬さは四百十二でしたが、報告書では三百七十二となっています。

当時の測定値を添付いたします。ご確認をお願いいたします。`,
    charset: 'shift_jis',
    encoding: 'base64',
    attach: ['japanese-readings'],
    unsigned: true,
  },
  {
    id: 'minato-4',
    at: '2024-02-20 08:45',
    from: 'yuki',
    to: ['priya'],
    cc: ['margit'],
    forward: 'minato-3',
    body: `Priya,

Mr Saeki of Minato Cable stood next to Margit in October and wrote the numbers down himself. He says that hanger 11 (第十一番吊り材) read 412, and that the published report says 372. His table is attached.

I have not told anybody else.

Yuki`,
    attach: ['japanese-readings'],
  },
  {
    id: 'lianhe-1',
    at: '2023-10-16 10:20',
    from: 'yuki',
    to: ['wang'],
    cc: ['priya'],
    subject: 'Heat certificate LH-88341',
    body: `Dear Ms Wang,

A supplier of ours names Lianhe Steel as the maker of the steel for bolts of lot VF-2217, with the heat certificate LH-88341. Could you confirm that this certificate is yours?

Kind regards
Yuki Tanabe`,
  },
  {
    id: 'lianhe-2',
    at: '2023-10-19 03:41',
    from: 'wang',
    to: ['yuki'],
    cc: ['priya'],
    subject: '关于螺栓材料证书 LH-88341',
    body: `田女士：

您好！贵公司询问的 VF-2217 批次螺栓并非使用我厂钢材。我厂从未签发编号为 LH-88341 的材质证书，该证书系伪造，请核实来源。

如需进一步说明，请随时联系。

联合钢铁 质量部 王丽华`,
    charset: 'gb18030',
    encoding: 'base64',
    unsigned: true,
  },
  {
    id: 'lianhe-3',
    at: '2023-10-19 09:05',
    from: 'yuki',
    to: ['priya', 'desmond'],
    forward: 'lianhe-2',
    body: `In short: Lianhe did not make this steel and never issued LH-88341. Ms Wang calls the certificate a forgery (伪造).

Yuki`,
  },
  {
    id: 'khatib',
    at: '2023-08-22 08:12',
    from: 'amina',
    to: ['margit'],
    cc: ['callum'],
    subject: 'نتائج مسح الجسر',
    body: `السيدة الفاضلة مارغيت هالوران،

أرفق لكم ملخص نتائج مسح الجسر. سجلنا هبوطا قدره أربعة مليمترات عند البرج الشمالي، وهو ضمن الحدود المسموح بها.

سنعيد القياس في شهر نوفمبر.

مع أطيب التحيات
أمينة الخطيب`,
    charset: 'windows-1256',
    encoding: 'base64',
    unsigned: true,
  },
  {
    id: 'papadaki',
    at: '2023-05-09 12:44',
    from: 'eleni',
    to: ['desmond'],
    cc: ['yuki'],
    subject: 'Προσφορά για εφέδρανα γέφυρας',
    body: `Αγαπητέ κύριε Okoye,

Σας στέλνουμε την προσφορά μας για τα εφέδρανα της γέφυρας. Ο χρόνος παράδοσης είναι έξι εβδομάδες και η τιμή ισχύει έως το τέλος Ιουνίου.

Με εκτίμηση
Ελένη Παπαδάκη`,
    charset: 'iso-8859-7',
    encoding: 'quoted-printable',
    unsigned: true,
  },
  {
    id: 'orlova',
    at: '2023-06-05 07:30',
    from: 'svetlana',
    to: ['callum'],
    subject: 'Аренда крана: подтверждение',
    body: `Здравствуйте, Каллум!

Кран грузоподъёмностью сорок тонн свободен с двенадцатого июня. Просим подтвердить дневную смену и пропуск на мост.

С уважением
Светлана Орлова`,
    charset: 'koi8-r',
    encoding: '8bit',
    unsigned: true,
  },
  {
    id: 'orlova-2',
    at: '2024-01-17 09:18',
    from: 'svetlana',
    to: ['callum'],
    subject: 'Ночная смена у второй опоры',
    body: `Здравствуйте, Каллум!

Наш крановщик говорит, что ночью у второй опоры работали чужие люди и бросали старые болты в реку. Это ваши люди? Мы не хотим неприятностей.

Светлана Орлова`,
    charset: 'koi8-r',
    encoding: 'base64',
    unsigned: true,
  },
  {
    id: 'deshmukh',
    at: '2024-05-28 06:25',
    from: 'anil',
    to: ['priya'],
    cc: ['yuki'],
    subject: 'नए बोल्ट की जाँच रिपोर्ट',
    body: `प्रिय प्रिया जी,

नए बोल्ट के नमूनों की जाँच पूरी हो गई है। सभी बीस नमूने कठोरता की सीमा के भीतर हैं और किसी में दरार नहीं मिली। पूरी रिपोर्ट अगले सप्ताह भेजी जाएगी।

सादर
अनिल देशमुख`,
    encoding: 'base64',
    unsigned: true,
  },
  {
    id: 'moewe',
    at: '2024-05-06 14:50',
    from: 'juergen',
    to: ['yuki'],
    cc: ['callum'],
    subject: 'Auftragsbestätigung Korrosionsschutz, Los MK-0092',
    body: `Sehr geehrte Frau Tanabe,

gerne bestätigen wir die Verzinkung der neuen Schrauben. Wir beizen nicht, sondern strahlen; Wasserstoff ist damit kein Thema. Über die Größe der Prüfmenge müssten wir noch sprechen.

Mit freundlichen Grüßen
Jürgen Größmann`,
    charset: 'windows-1252',
    attach: ['bolt-order'],
    unsigned: true,
  },
];
