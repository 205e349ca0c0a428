"""The firm's own workspace: precedents, and how things are done here."""

from __future__ import annotations

from tests.sample_maker.model import Matter, Shelf, paper, rev

READ_ME = """
Precedents and how we work

Take a copy of a precedent into the matter before you change it. What you improve is welcome here too: tell Tobe, who
sees to it that only one version of a clause is about.

Where a precedent has a note at its head, read the note first: it says for whom the text was written, and for whom it
was not. Most mistakes come from a good clause in the wrong place.

Nothing about a client belongs in this workspace, not even with the names taken out.
"""

SHORT_NDA = """
@ Harlow Finch LLP - precedent A4
# Confidentiality Undertaking, short form
For use where one side alone shows information, and the other is known to us.

To: [client]

In return for your showing us information about [subject], we undertake to you that we shall:

- keep it secret, and let nobody see it but our advisers who need to;
- use it only to decide whether we wish to [purpose];
- give it back or destroy it when you ask.

This does not hold for what is public, or what the law makes us disclose. The undertaking ends two years from today.

__ [recipient]
"""

TERMS = """
@ Harlow Finch LLP, 4 Tanner's Row, Fenmouth
# Terms of Business
## 1. Our agreement
These terms, with our engagement letter, are the whole of the agreement. Where the two differ the letter prevails.

## 2. Money on account
We may ask for money on account of fees and of what we pay out. It is held in our client account until it is used.

## 3. Papers
We keep the papers of a matter for seven years after its last invoice, in electronic form only. Originals are returned.

## 4. How we send documents
Documents are sent as secure links, each with an end date and, where we think it right, a password. We tell you the
password by telephone or in a text message, and never by e-mail. We do not change our bank details by e-mail either:
if you receive a message that says so, please call us.

## 5. Complaints
Please speak first to the partner who has the matter. If that does not help, Helga Brandt will look into it, and
answer within fourteen days.
"""

HOW_TO = """
@ Harlow Finch LLP - know-how
# Sending documents to outsiders
## Before you send
- Is it the right version? Look at the number, and at who has it checked out.
- Does the name say more than the recipient should know? Give the link a name of its own.
- Are there comments or tracked changes in it?

## Settings
| Recipient | Password | Ends after | Downloads |
| Client | no | 30 days | any |
| Other side's lawyers | no | 14 days | 10 |
| Experts, banks | yes | 14 days | 5 |
| Anyone, special categories | yes | 3 days | 1 |

## Afterwards
Unpublish what has done its work. A link that nobody needs is one that somebody may find. If a document went to the
wrong person, unpublish first and think second, then tell the partner.
"""

RATES = """
Grade | Rate GBP | From
Partner | 390 | 2026-04-01
Senior associate | 275 | 2026-04-01
Associate | 220 | 2026-04-01
Paralegal | 140 | 2026-04-01
Trainee | 110 | 2026-09-01
"""

TRAINING = """
From: Helga Brandt <hbrandt@harlow-finch.example>
To: Everyone <all@harlow-finch.example>
Subject: New rules for links from 1 December
Date: Thu, 19 Nov 2026 09:00:00 +0000
Html: yes

Dear all,

from 1 December every link that leaves the house has an end date, of ninety days at most. The program asks for
it, and refuses to send without.

Passwords remain up to you, save where the table in the know-how note says otherwise. The table is attached.

There will be buns at half past ten on Tuesday, and somebody who can show you how it is done.

Helga
"""

TRAINING_TABLE = """
# Settings
Recipient | Password | Ends after, days | Downloads
Client | no | 30 | any
Other side's lawyers | no | 14 | 10
Experts, banks | yes | 14 | 5
Anyone, special categories | yes | 3 | 1
"""

BUDGET = """
# Matters
Matter | Budget GBP | Billed GBP | Unbilled GBP | Left
Halyard - Share Sale | 68000.00 | 41250.00 | 18730.00 | =B2-C2-D2
Brightmere - Collision Claim | 140000.00 | 62410.75 | 21806.25 | =B3-C3-D3
Lumenor - Patent Licence | 45000.00 | 28940.00 | 7215.50 | =B4-C4-D4
Estate of A. Varga | 22000.00 | 6875.00 | 4950.00 | =B5-C5-D5
Quillon Foods - Inquiry | 38000.00 | 19360.00 | 9020.00 | =B6-C6-D6
Total | =SUM(B2:B6) | =SUM(C2:C6) | =SUM(D2:D6) | =SUM(E2:E6)
"""

MATTER = Matter(
    "Firm - Know-how",
    "firm",
    "Precedents, terms, and how we work",
    "HBRANDT",
    shelves=(
        Shelf(
            "Precedents",
            papers=(
                paper(
                    "Confidentiality Undertaking (short form).docx",
                    "AGREEMENT",
                    "TOKAFOR",
                    SHORT_NDA,
                    rev("TOKAFOR", 320.0, "Precedent A4", ("ends two years", "ends one year")),
                    rev(
                        "MKELLER",
                        140.6,
                        "Two years, as the market has it now",
                        ("ends one year", "ends two years"),
                    ),
                ),
                paper(
                    "Terms of Business.pdf",
                    "AGREEMENT",
                    "HBRANDT",
                    TERMS,
                    rev("HBRANDT", 161.2, "From April"),
                ),
            ),
        ),
        Shelf(
            "How We Work",
            papers=(
                paper(
                    "Sending documents to outsiders.docx",
                    "MEMO",
                    "HBRANDT",
                    HOW_TO,
                    rev(
                        "HBRANDT",
                        95.4,
                        "First edition",
                        ("| Client | no | 30 days", "| Client | no | 90 days"),
                    ),
                    rev(
                        "HBRANDT",
                        20.1,
                        "For the new rules",
                        ("| Client | no | 90 days", "| Client | no | 30 days"),
                    ),
                ),
                paper(
                    "New rules for links.eml",
                    "CORRESPONDENCE",
                    "HBRANDT",
                    TRAINING,
                    rev("HBRANDT", 1.1, "Sent to everyone"),
                    attachments=(("Settings.xlsx", TRAINING_TABLE),),
                ),
                paper(
                    "Hourly Rates.csv", "FINANCE", "HBRANDT", RATES, rev("HBRANDT", 81.8, "Trainees added")
                ),
                paper(
                    "Budgets of the Matters.xlsx",
                    "FINANCE",
                    "HBRANDT",
                    BUDGET,
                    rev("HBRANDT", 2.2, "November"),
                ),
            ),
        ),
        Shelf("Closed 2019"),
    ),
    papers=(
        paper("Read me first.txt", "MEMO", "TOKAFOR", READ_ME, rev("TOKAFOR", 400.3, "New workspace")),
        paper(
            "Dictation (not yet typed).txt",
            "MEMO",
            "DJONES",
            "",
            rev("DJONES", 0.2, "Opened for the dictation"),
            slug="dictation",
        ),
    ),
)
