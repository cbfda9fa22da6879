/**
 * Queries as people write them, of every form of the language: for engines and the evaluator to give the same answers to over real mail. Some
 * find thousands of messages, some none.
 */
export const writtenQueries: readonly string[] = `
*
power
enron
the
gas
please
california
ferc
meeting
attached
forwarded
privileged
confidential
2001
a
I
www
http
xyzzyplugh
and
or
not
no
power gas
power AND california
power OR gas
power NOT gas
gas -power
NOT enron
-the
NOT NOT power
-(power OR gas OR energy)
please call
please call me
(power OR gas) (contract OR agreement)
(power OR gas) AND NOT (contract OR agreement)
power (gas OR (energy -california))
a OR b OR c OR d OR e
enron NOT (power OR gas OR trading OR energy OR market)
(meeting OR call) -forwarded subject:re
((((power))))
and or not
AND-less words
monday OR tuesday OR wednesday OR thursday OR friday
"the the"
"please call"
"power of attorney"
"let me know"
"if you have any questions"
"conference call"
"california power exchange"
"this is"
"to be or not to be"
"thank you"
"as soon as possible"
"in the"
"original message"
"forwarded by"
"-----Original Message-----"
"privileged and confidential"
"attorney client"
"mark to market"
"off balance sheet"
"special purpose"
"chief executive officer"
"rolling blackouts"
"New York"
"san francisco"
"house of representatives"
"on behalf of"
"10:00 am"
"2000 and 2001"
"e-mail" -"e mail address"
"cook the books" OR "shred the documents"
"energy trading" NOT "enron energy"
"power" "gas"
“curly quotes” OR “let me know”
"O'Brien" OR "don't know"
"AT&T"
"p.m." OR "a.m."
fraud*
account*
trad* -trading
confirm* contract*
re*
*ing
*tion*
*son
?he
p?wer
po*r
*x*
ener?y OR en*gy
un*able
1*
*00
20??
"power mark*"
"let m* know" -please
"let m? know"
"the ?a* of"
"*er *er"
"forward* by"
"p?? ma?"
subject:*ing
from:*son
to:a*
body:cali*ia
filename:*.doc
filename:*.xls OR filename:*.pdf
attachment:*ment
*@enron.com
ken* AND lay*
*berg OR *stein
anti*trust
pre* post*
power~
californa~
andersen~2
enrn~
jeffery~1
skiling~2
confidental~2 -confidential
meetng~ OR meating~
subject:forecst~
from:ken~
contrct~1 agreemnt~1
pwoer~
electrcity~2
gas~ -gas
power w/5 gas
power w/1 gas
gas w/1 power
power w/50 gas
power pre/3 gas
gas pre/3 power
power NOT w/10 gas
enron NOT w/1 corp
the w/1 the
the w/2 the
call w/3 me
please w/2 (call OR email OR mail)
(power OR gas) w/5 (price* OR cost*)
"natural gas" w/10 price*
"natural gas" w/10 "electric power"
"let me know" w/10 question*
"let me know" NOT w/10 questions
meeting pre/10 (monday OR tuesday OR wednesday OR thursday OR friday)
(meeting w/5 monday) w/20 call
(enron w/3 corp) w/10 houston
confidential w/1000 privileged
subject:(power w/3 gas)
body:(please pre/2 call)
from:(ken w/2 lay)
participants:(john w/2 smith)
trad* w/3 floor
*ing w/1 *ing
californ~ w/5 power
(a OR b) w/2 (c OR d)
enron w/5 enron
(fraud* OR "cook the books") w/10 (auditor* OR andersen) AND NOT from:newsletter
attached pre/3 (file OR document OR spreadsheet OR agreement)
question* w/4 (let w/2 know)
1 w/1 2
"conference call" w/15 (am OR pm)
not w/1 only
energy NOT w/3 power date:2001
subject:re
subject:fw OR subject:fwd
subject:"re fw"
subject:meeting
subject:(power OR gas)
subject:(power -gas)
subject:california body:power
subject:"conference call"
subject:a
body:power -subject:power
body:enron NOT body:corp
from:enron
from:"ken lay"
from:kenneth OR from:jeff
from:john to:john
from:announcements
from:postmaster
from:enron.com
from:"enron com"
-from:enron
to:all
to:undisclosed
to:enron -from:enron
to:"vince kaminski" OR to:"kaminski"
cc:john
cc:enron -to:enron
bcc:enron
bcc:a*
participants:lay
participants:(jeff skilling)
participants:"jeff skilling"
participants:@enron.com
participants:aol -participants:enron
attachment:contract
attachment:a
filename:doc
filename:contract
custodian:*
custodian:allen*
custodian:nobody
mailbox:inbox
mailbox:sent
mailbox:"sent items"
mailbox:deleted_items
mailbox:inbox power
source:*
digest:00000000
date:2001
date:2000
date:1999
date:2001-10
date:2001-10-01
date:2001-10..2001-12
date:..1999
date:2002..
date:>=2001-06
date:<2000
date:>2001-10-15 date:<=2001-11-15
date:2001-10-16T12:00Z..2001-10-16T18:00-05:00
date:2001 power
date:2001 -date:2001-10
NOT date:1990..2010
sent-or-received:2001
sent-or-received:2026
received:2026..
received:..2000
size:>10kb
size:<1kb
size:1kb..2kb
size:>1mb
size:>=1000 size:<=1000000
-size:<5kb
has:attachment
has:attachments
has:html
has:signature
has:encryption
has:invitation
has:no-message-id
-has:no-message-id
has:html -has:attachment
is:unsearchable
is:truncated
is:bounce
is:held
-is:held power
unsearchable:attachment
is:unsearchable power
domain:enron.com
domain:com
domain:ect.enron.com
domain:aol.com OR domain:hotmail.com
-domain:enron.com
domain:gov power
domain:edu
filetype:pdf
filetype:doc OR filetype:xls
filetype:text
filetype:image
message-id:nothing@nowhere.example
header:x-folder:inbox
header:x-folder:*
header:x-origin:*
header:x-filename:pst
header:x-from:"lay kenneth"
header:x-to:(john OR jeff)
header:x-to:*son
header:x-folder:(sent w/3 items)
header:content-type:plain
header:content-type:"us ascii"
header:content-type:*
-header:content-type:*
header:received:*
header:received:(from w/5 by)
header:received:smtp
header:return-path:*
header:x-mailer:*
header:x-mailer:outlook OR header:user-agent:mozilla
header:list-id:*
header:sender:*
header:reply-to:a*
header:subject:power
is:duplicate
is:duplicate power -subject:re
NOT is:duplicate
is:duplicate OR has:attachment
fingerprint:00000000000000000000000000000000
reference:nothing@nowhere.example
thread:00000000
header:x-nothing:*
header:x-folder:inbx~
header:precedence:bulk
link:*
link:com
link:http -link:https
link:"www"
link:(http pre/3 com)
link:unsubscribe
link:*html
has:html -link:*
power (from:john OR to:john) date:2001
enron subject:re NOT from:enron date:2000..2001 size:<100kb
(subject:meeting OR body:meeting) (monday OR tuesday) -forwarded
("let me know" OR "please call") participants:john NOT date:2001
california (blackout* OR "price cap*" OR ferc) w/25 (governor OR davis)
energy w/3 (crisis OR emergency) -subject:news* date:2000-06..2001-06
attachment:(a OR the) OR filename:(doc OR xls OR ppt)
has:attachment (contract* w/10 sign*)
domain:enron.com -participants:(announcement* OR newsletter*)
-has:html -has:attachment size:<2kb date:2001-05
custodian:* mailbox:inbox -power
meeting header:x-folder:* OR meeting header:received:*
("special purpose" OR raptor* OR "off balance") AND (andersen~ OR auditor*)
power AND gas AND energy AND market
power OR gas OR energy OR market OR california OR ferc OR enron OR contract OR agreement OR meeting
a b c d e f g
the of and to in is for on that
NOT (a OR the OR to OR of OR and OR in)
enron enron enron
Power POWER power
ｐｏｗｅｒ
pöwer
naïve OR naive
café
Müller OR muller
straße OR strasse
東京
привет
don't
dont
can't won't
o'neill OR oneill
it's w/2 a
e-mail
and/or
24/7
50%
$100
$1,000,000
401(k)
10:30
http://www.enron.com
https://www.enron.com/index.html?a=b
ken.lay@enron.com
"ken.lay@enron.com"
jeff.skilling@enron.com OR jeffrey.k.skilling@enron.com
@enron.com
c++
r&d
n/a
"re:"
`
  .split('\n')
  .filter((query) => query !== '');
