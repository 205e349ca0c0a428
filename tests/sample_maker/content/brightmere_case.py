"""Brightmere: pleadings, depositions and costs of a claim over a collision in harbour."""

from __future__ import annotations

from tests.sample_maker.content.brightmere_costs import INVOICE, OFFER_LETTER, OFFER_SUMS, OFFERS, TIMES
from tests.sample_maker.model import Out, Shelf, paper, rev

CLAIM = """
@ In the Admiralty Court - Claim No. AD-2026-0117
# Particulars of Claim
between Brightmere Marine Limited (Claimant) and Pellworth Dredging Company (Defendant)

## The parties and the vessels
1. The Claimant owns the passenger ferry Grey Plover, of 31 metres, which runs between Fenmouth and the islands.

2. The Defendant owns and works the hopper dredger Pellworth IV, of 62 metres.

## The collision
3. On the morning of 14 February, at about 07.52, the ferry lay moored at the eastern pier with engines stopped. The
dredger, coming out of the inner basin, struck her on the starboard quarter at a speed of about four knots.

4. There was fog, with a visibility of some 150 metres. The dredger sounded no signal.

## Negligence
5. The collision was caused by the negligence of the Defendant's servants, in that they:
- kept no proper look-out, by sight, hearing or radar;
- went at a speed that was not safe in the visibility;
- left the bridge, at the moment of the turn, to an apprentice.

## Loss
6. The Claimant has suffered loss:

| Head | GBP |
| Repairs at Holme yard | 412,600 |
| Loss of use, 47 days | 188,000 |
| Survey and towage | 23,750 |

The Claimant claims damages, interest and costs.

__ Statement of truth: for the Claimant
"""

DEFENCE = """
@ In the Admiralty Court - Claim No. AD-2026-0117
# Defence
1. Paragraphs 1 and 2 of the Particulars of Claim are admitted.

2. It is admitted that the vessels came into contact on 14 February. It is denied that the ferry was properly moored.
Her stern lines had been let go at 07.48 in order to turn her, and the stern lay some nine metres off the pier.

3. As to paragraph 4, the dredger sounded one prolonged blast on leaving the basin at 07.49, which was heard by the
harbour master's watchman. No further signal was called for within the basin.

4. Negligence is denied. The master was on the bridge throughout. The apprentice was steering under his orders, as
apprentices must if they are to learn.

5. If, which is denied, the Defendant was negligent, the collision was caused or contributed to by the Claimant's
own negligence, in that the ferry lay in the fairway in fog, showed no lights at her stern, and warned nobody.

6. The loss is not admitted. The Claimant had a second ferry laid up, which could have taken the service within a
week.

__ Statement of truth: for the Defendant
"""

REPLY = """
@ In the Admiralty Court - Claim No. AD-2026-0117
# Reply
1. The Claimant joins issue with the Defendant on its Defence, save for what it admits.

2. As to paragraph 2, one stern line was slackened, and none was let go. The log of the ferry records this at 07.48.
The mooring plan shows that the stern could not lie more than two metres off.

3. As to paragraph 5, the stern light was lit. It is to be seen on the picture of the pier's camera of 07.51, which
was disclosed by the harbour master and is exhibit 7 here.

4. As to paragraph 6, the ferry that was laid up had no certificate for passengers. It was issued on 2 April, which
is after the Grey Plover had gone back to service.

__ Counsel for the Claimant
"""

ORDER = """
@ In the Admiralty Court - Claim No. AD-2026-0117
# Order for directions
UPON reading the questionnaires of the parties, and without a hearing, IT IS ORDERED that:

- each party gives standard disclosure by list by 4 p.m. on 2 October, and copies within fourteen days of a request;
- signed statements of the witnesses of fact are exchanged by 4 p.m. on 6 November;
- each party may rely on one expert in navigation, whose reports are exchanged by 4 p.m. on 4 December;
- the experts meet without the lawyers by 18 December, and say in writing where they agree and where not;
- the trial is listed for three days in a window from 1 March, before a judge with two assessors.

Either party may apply to vary this order within seven days of its service. The costs are in the case.

__ The Registrar
"""

DEPOSITION = """
@ Harlow Finch LLP - privileged
# Deposition notes: the watchman, first day
Taken at the Custom House. Present: Asha Patel and Dana Jones for the claimant, two of counsel for the defendant.

## On his duties
The witness has kept the harbour watch for nineteen years. He writes the log by hand, at the turn of each hour and
when something happens. On the morning in question he came on at six and was alone.

## On the signal
He heard one long blast "from the side of the basin". Asked when, he said that the kettle had just boiled. He makes
tea when the log of eight o'clock is near, and could not say nearer than that.

> Q. Could it have been before the quarter to?
> A. It could. I would not swear to it.
> Q. Did you hear a second one?
> A. No. There was none. I was listening for the ferry.

## On the ferry
He saw her stern light through the window of the hut, "yellowish, as it always is". He did not see the contact.

## To follow up
- the log sheet in the original: the entry of 07.49 is in another ink;
- whether the hut has a clock, and who sets it.
"""

DEPOSITION_TWO = """
@ Harlow Finch LLP - privileged
# Deposition notes: the apprentice
He is twenty and was in his fifth week aboard. He answered quickly and without looking at counsel.

## Who was where
He was at the wheel from the moment the lines were let go. The master stood at the radar "most of the time". At the
turn out of the basin the master went to the chart table to answer the telephone. He was away, the witness thinks,
for less than a minute.

## Orders
His last order was to steer for the green light. He could not see it, and steered where he thought it was. He did
not say that he could not see it. "You do not say that to him."

## The telephone
It was the office, about the tide of the afternoon. The record of calls has been asked for and not yet disclosed.

## Our view
A good witness for us, and an honest one. Paragraph 4 of the Defence cannot stand with what he said.
"""


SHELVES = (
    Shelf(
        "Pleadings",
        papers=(
            paper(
                "Particulars of Claim.pdf",
                "PLEADING",
                "APATEL",
                CLAIM,
                rev("APATEL", 122.0, "As filed"),
            ),
            paper(
                "Defence.pdf",
                "PLEADING",
                "TOKAFOR",
                DEFENCE,
                rev("TOKAFOR", 97.5, "Served on us"),
            ),
            paper(
                "Reply.docx",
                "PLEADING",
                "DJONES",
                REPLY,
                rev(
                    "DJONES",
                    86.3,
                    "First draft",
                    (
                        "\n\n4. As to paragraph 6, the ferry that was laid up had no certificate for passengers. "
                        "It was issued on 2 April, which\nis after the Grey Plover had gone back to service.",
                        "",
                    ),
                ),
                rev(
                    "APATEL",
                    84.9,
                    "Settled by counsel",
                    (
                        "is exhibit 7 here.",
                        "is exhibit 7 here.\n\n4. As to paragraph 6, the ferry that was laid up "
                        "had no certificate for passengers. It was issued on 2 April.",
                    ),
                ),
                rev(
                    "APATEL",
                    83.1,
                    "As filed",
                    ("issued on 2 April.", "issued on 2 April, when the Grey Plover was back in service."),
                ),
            ),
            paper(
                "Order for Directions.pdf",
                "PLEADING",
                "TOKAFOR",
                ORDER,
                rev("TOKAFOR", 74.6, "Sealed copy"),
            ),
        ),
    ),
    Shelf(
        "Depositions",
        papers=(
            paper(
                "Deposition Notes - Watchman.docx",
                "MEMO",
                "DJONES",
                DEPOSITION,
                rev("DJONES", 36.0, "The same evening"),
                rev(
                    "DJONES",
                    34.7,
                    "With the shorthand note",
                    (
                        "whether the hut has a clock, and who sets it.",
                        "whether the hut has a clock, and who sets it;\n- the kettle: how long it takes, from cold.",
                    ),
                ),
            ),
            paper(
                "Deposition Notes - Apprentice.docx",
                "MEMO",
                "DJONES",
                DEPOSITION_TWO,
                rev("DJONES", 17.8, "Notes of the day"),
                out=Out("APATEL", 0.4, "Adding the page numbers of the transcript"),
            ),
        ),
    ),
    Shelf(
        "Costs and Offers",
        papers=(
            paper(
                "Costs Schedule October.xlsx",
                "FINANCE",
                "HBRANDT",
                TIMES,
                rev("HBRANDT", 15.2, "From the time sheets"),
                rev(
                    "HBRANDT",
                    14.1,
                    "Apprentice's day added",
                    ("Two days | 1180.00", "Two days, one half | 1180.00"),
                ),
                out=Out("HBRANDT", 6.7, "November to be added"),
            ),
            paper(
                "Invoice 2026 - 1184.pdf",
                "FINANCE",
                "HBRANDT",
                INVOICE,
                rev("HBRANDT", 13.9, "Sent to the client"),
            ),
            paper(
                "Offer of GBP 380,000 - our advice.eml",
                "CORRESPONDENCE",
                "APATEL",
                OFFERS,
                rev("APATEL", 3.9, "Filed from the mailbox"),
                attachments=(("Without prejudice.pdf", OFFER_LETTER), ("Reckoning.xlsx", OFFER_SUMS)),
            ),
        ),
    ),
)
