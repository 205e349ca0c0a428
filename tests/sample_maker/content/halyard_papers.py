"""Halyard: lists, figures, notes and letters of the deal."""

from __future__ import annotations

CHECKLIST = """
# Closing
No | Item | Responsible | Due | Status
1 | Landlord's consent, Unit 7 Ropewalk | Harlow Finch | 2026-11-13 | received, on file
2 | Board minutes of the company | Harlow Finch | 2026-11-18 | agreed form
3 | Disclosure letter, signed | Sellers | 2026-11-25 | open
4 | Stock transfer forms | Sellers | 2026-11-25 | open
5 | Letters of resignation (2 directors) | Sellers | 2026-11-25 | drafts sent
6 | Release of the bank's charge | Fenmouth Mutual | 2026-11-24 | signed, in escrow
7 | Share certificates or indemnity | Sellers | 2026-11-25 | indemnity for no. 14
8 | Funds flow statement | Pryce Amberley | 2026-11-24 | second draft
# After closing
No | Item | Responsible | Days after completion
1 | File the change of directors | Harlow Finch | 14
2 | Stamp duty on the transfers | Pryce Amberley | 30
3 | Draft statement of working capital | Buyer | 45
4 | Notify the customers on the list | Halyard Tidewell | 5
"""

CAP_TABLE = """
# Holders
Holder | Class | Shares before | Sold | Shares after
Ines Tidewell | Ordinary | 41000 | 41000 | =C2-D2
Tidewell Family Settlement | Ordinary | 39000 | 39000 | =C3-D3
Anders Holm | Ordinary B | 12000 | 12000 | =C4-D4
Employee trust | Ordinary B | 8000 | 8000 | =C5-D5
Castellan Marsh plc | Ordinary | 0 | -100000 | =C6-D6
Total |  | =SUM(C2:C6) | =SUM(D2:D6) | =SUM(E2:E6)
# Price
Class | Shares | Price a share | Amount
Ordinary | 80000 | 190.00 | =B2*C2
Ordinary B | 20000 | 160.00 | =B3*C3
Total | =B2+B3 |  | =D2+D3
"""

FUNDS = """
# Funds flow
Payer | Payee | Purpose | GBP
Castellan Marsh plc | Pryce Amberley client account | Price on account | 18400000.00
Pryce Amberley client account | Fenmouth Mutual | Repayment of term loan | 1264318.55
Pryce Amberley client account | Harlow Finch client account | Balance for the Sellers | 17135681.45
Harlow Finch client account | Ines Tidewell | 41,000 ordinary shares | 7254726.01
Harlow Finch client account | Tidewell Family Settlement | 39,000 ordinary shares | 6900836.93
Harlow Finch client account | Other Sellers | 20,000 ordinary B shares | 2980118.51
Check | | paid out less received | =D4-SUM(D5:D7)
"""

CAP_MAIL = """
From: Oliver Quist <o.quist@pryce-amberley.example>
To: Dana Jones <djones@harlow-finch.example>
Cc: Martin Keller <mkeller@harlow-finch.example>
Subject: Project Sextant - warranty cap and clause 4.2
Date: Tue, 10 Nov 2026 17:42:00 +0000

Dear Dana,

Thank you for the draft of Friday. We are nearly there. Three points remain on our side:

1. The cap. A cap at the full price is what our clients would expect for title and capacity. For the
   business warranties they can live with 60 per cent, if the tax covenant stays outside it.

2. The basket of GBP 150,000 should tip, so that once it is passed the whole amount can be claimed.

3. We would like to see the landlord's letter before we take clause 3.1 out.

Our wording for clause 4.2 is attached, with a note of what was asked for in which round.

Kind regards,
Oliver

Oliver Quist
Pryce Amberley
"""

CAP_CLAUSE = """
# Clause 4.2 - Buyer's wording
4.2 The total liability of the Sellers for claims under the Business Warranties is limited to 60 per cent of the
price, and for all other claims to the price. No claim may be brought unless it exceeds GBP 20,000 and all such
claims together exceed GBP 150,000, in which event the whole amount, and not the excess alone, may be claimed.

Note: the tax covenant in Schedule 5 is not subject to this clause.
"""

CAP_ROUNDS = """
Round | Asked by | Cap | Basket | Tipping
1 | Sellers | 25 % | 250,000 | no
2 | Buyer | 100 % | 100,000 | yes
3 | Sellers | 50 % | 150,000 | no
4 | Buyer | 60 % | 150,000 | yes
"""

SIGNATURE = """
size 620 860 #f4f1e6
rect 0 0 620 6 #dcd8c8
para 70 70 22 50 SIGNATURE PAGE
para 70 120 17 62 This page is to be attached to the share purchase agreement of 25 November.
line #2a2a2e 1 70 340 360 340
para 70 350 15 60 Ines Tidewell, in the presence of:
line #1c2f7a 3 90 330 110 280 122 332 140 296 150 330 168 305 180 330 204 300 222 332 250 310 300 322
line #2a2a2e 1 70 480 360 480
para 70 490 15 60 Witness: R. Calloway, chartered surveyor, 3 Mill Lane, Fenmouth
line #1c2f7a 2 84 470 100 440 116 472 130 440 150 470 176 452 200 470 260 462
line #2a2a2e 1 70 640 360 640
para 70 650 15 60 For the trustees of the Tidewell Family Settlement
line #333333 3 90 630 120 590 128 634 150 600 190 634 230 610 250 628 290 618
specks 11 260
tilt 0.7
stamp 400 720 #a3322c COPY
"""

MINUTES = """
@ Halyard Tidewell Limited
# Minutes of a meeting of the board
held at Unit 7, Ropewalk, and by video

| Present | Capacity |
| Ines Tidewell | Chair |
| Anders Holm | Director of production |
| Philippa Osei | Director of finance |

In attendance: Dana Jones, Harlow Finch LLP.

## 1. Notice, quorum and interests
The chair noted that due notice had been given and that a quorum was present. Ms Tidewell and Mr Holm declared
their interests as sellers of shares, in accordance with the articles.

## 2. The sale
The chair reported that the shareholders had agreed terms for the sale of the whole share capital to Castellan
Marsh plc. Ms Osei took the meeting through the effect on the bank loan, which is to be repaid from the price on
the day of completion. The directors considered the interests of the employees, who are to be told by the chair in
person on the morning of completion.

## 3. Resolutions
IT WAS RESOLVED to approve the registration of the transfers, subject to their being stamped; to accept the
resignation of Ms Tidewell and Mr Holm as directors with effect from completion; to appoint the persons named by
the buyer; and to change the accounting date to 31 December.

There being no further business, the chair closed the meeting.

__ Chair
"""

DATA_ROOM = """
Index | Folder | Document | Pages | Uploaded
1.1 | Corporate | Articles of association | 42 | 2026-09-21
1.2 | Corporate | Register of members | 6 | 2026-09-21
1.3 | Corporate | Minutes of the board, five years | 118 | 2026-09-23
2.1 | Finance | Audited accounts, three years | 96 | 2026-09-21
2.2 | Finance | Management accounts to September | 14 | 2026-10-12
3.1 | Contracts | Supply agreement, Osterby Glas | 22 | 2026-09-24
3.2 | Contracts | Framework agreement, Coastal Pilots | 31 | 2026-09-24
4.1 | Property | Lease of Unit 7, Ropewalk | 58 | 2026-09-25
4.2 | Property | Licence for the jetty | 4 | 2026-09-25
5.1 | People | List of employees, without names | 3 | 2026-09-28
5.2 | People | Standard contract of employment | 12 | 2026-09-28
6.1 | Rights | Trade mark certificates | 9 | 2026-09-28
"""

CALL = """
Call with Castellan's team, 40 minutes
Present: G. Marsh, O. Quist (Pryce Amberley), MK, DJ

- Price agreed at 18.4. They will not reopen it for the slow stock, but want it in the disclosure letter
  by name, with the figure.
- Landlord: consent is on its way. Quist wants the letter itself, not our word that it is there.
- Employees: announcement on the morning of completion, by Ines, in the workshop. Nothing to the press
  before noon.
- Lost share certificate (Holm, 12,000 B shares): they accept an indemnity. DJ to draft.
- Timetable: sign and complete on the same day, last Wednesday of the month. MK to hold the signature
  pages to our order until he has seen the money.

To do
DJ  indemnity; disclosure letter, next turn by Thursday
MK  speak to Fenmouth Mutual about the release of the charge
OQ  funds flow, second draft
"""
