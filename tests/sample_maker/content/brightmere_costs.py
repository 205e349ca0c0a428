"""Brightmere: costs, and an offer to settle."""

from __future__ import annotations

TIMES = """
# Time
Date | Person | Work | Hours | Rate | Amount
2026-10-05 | A. Patel | Reading the defendant's list | 3.50 | 390 | =D2*E2
2026-10-06 | D. Jones | Request for the record of calls | 1.25 | 275 | =D3*E3
2026-10-14 | D. Jones | Watchman, preparation | 4.00 | 275 | =D4*E4
2026-10-15 | A. Patel | Watchman, deposition | 6.50 | 390 | =D5*E5
2026-10-15 | D. Jones | Watchman, deposition and notes | 8.00 | 275 | =D6*E6
2026-10-22 | T. Okafor | Bundle of exhibits | 5.75 | 140 | =D7*E7
2026-11-02 | A. Patel | Apprentice, deposition | 4.25 | 390 | =D8*E8
Total | | | =SUM(D2:D8) | | =SUM(F2:F8)
# Paid out
Date | To | For | Amount
2026-09-30 | Court office | Fee on allocation | 545.00
2026-10-15 | Shorthand writers | Two days | 1180.00
2026-10-28 | Capt. L. Fenwick | Report, on account | 4000.00
"""

INVOICE = """
@ Harlow Finch LLP, 4 Tanner's Row, Fenmouth
> Brightmere Marine Limited
> The Ferry Office, Eastern Pier

# Invoice 2026/1184
For our services in the claim against Pellworth Dredging Company, from 1 to 31 October.

| Item | GBP |
| Fees, 29.0 hours | 8,348.75 |
| Court fee on allocation | 545.00 |
| Shorthand writers | 1,180.00 |
| Expert, on account | 4,000.00 |
| Total before value added tax | 14,073.75 |

Payable within thirty days. A narrative of the time is attached to the costs schedule of the month. Money held on
account has not been set off: please tell us if you would like us to do that.

If you have questions about this invoice, Helga Brandt will be glad to answer them.
"""

OFFERS = """
From: Asha Patel <apatel@harlow-finch.example>
To: Ruth Calder <r.calder@brightmere-marine.example>
Cc: Dana Jones <djones@harlow-finch.example>
Subject: Without prejudice offer from Pellworth: what we advise
Date: Mon, 16 Nov 2026 11:05:00 +0000

Dear Ruth,

Pellworth's insurers have offered GBP 380,000 in full settlement, with costs to be assessed. The offer is open for
twenty-one days. Their letter and our reckoning are attached.

Our view of the case has become better since the apprentice was heard. We think that the court will find mostly
against them, with a quarter at most against the ferry for the slack line. On that footing the claim is worth about
GBP 468,000, and three quarters of our costs.

We would not accept, and would not leave the offer unanswered either. A counter-offer of GBP 455,000 would put them
at risk of costs from the day of its expiry.

May we speak on Wednesday?

Asha
"""

OFFER_LETTER = """
@ Tidewater Mutual, Claims
# Without prejudice save as to costs
Dear Sirs,

Grey Plover and Pellworth IV. Our assured does not accept that it was to blame. To save the costs of a trial it is
nevertheless prepared to pay GBP 380,000 in full and final settlement of the claim, interest included, and your
client's costs, to be assessed if not agreed.

The offer is open for twenty-one days from the date of this letter, and cannot be accepted afterwards without leave.
It is made on the footing that neither party admits anything, and that the terms stay between the parties.

Yours faithfully,
__ Claims manager
"""

OFFER_SUMS = """
# Reckoning
Head | Claimed | Likely
Repairs | 412600 | 405000
Loss of use | 188000 | 196000
Survey and towage | 23750 | 23000
Total | =SUM(B2:B4) | =SUM(C2:C4)
Less a quarter | =B5*0.75 | =C5*0.75
"""
