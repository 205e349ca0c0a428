"""Halyard: what the parties agree on."""

from __future__ import annotations

SPA = """
@ Harlow Finch LLP draft - subject to contract
# Share Purchase Agreement
relating to the whole of the issued share capital of Halyard Tidewell Limited

## Parties
- Ines Tidewell and the trustees of the Tidewell Family Settlement (together the Sellers); and
- Castellan Marsh plc, whose registered office is at 12 Quayside, Fenmouth (the Buyer).

## 1. Sale and purchase
1.1 The Sellers shall sell with full title guarantee, and the Buyer shall buy, the Shares, with effect from
Completion and with all rights then attaching to them.

1.2 The Buyer is not obliged to complete the purchase of any of the Shares unless the purchase of all of them is
completed at the same time.

## 2. Consideration
2.1 The price is GBP 18,400,000, payable in cash at Completion, adjusted after Completion by the amount by which
Net Working Capital is more or less than the Target.

2.2 The Target is GBP 2,150,000. Schedule 6 sets out how Net Working Capital is drawn up, and who decides where
the parties cannot agree.

## 3. Conditions
3.1 Completion depends on the written consent of the landlord of Unit 7, Ropewalk, to the change of control, and
on no Material Adverse Change having occurred.

3.2 Either party may end this agreement by notice if the Conditions are not satisfied by the Long Stop Date,
which is the last business day of the third month after the date of this agreement.

## 4. Warranties
4.1 The Sellers warrant to the Buyer that each statement in Schedule 4 is true at the date of this agreement,
except as fairly disclosed in the Disclosure Letter.

4.2 The total liability of the Sellers for all claims is limited to the price. No claim may be brought unless it
exceeds GBP 20,000 and all such claims together exceed GBP 150,000.

## 5. Governing law
This agreement is governed by the law of England and Wales, and its courts have exclusive jurisdiction.

| Schedule | Subject |
| 1 | The Sellers and their Shares |
| 4 | Warranties |
| 6 | Net Working Capital |
"""

DISCLOSURE = """
@ Draft for discussion
# Disclosure Letter
> From: the Sellers
> To: Castellan Marsh plc

We refer to the share purchase agreement to be made between us on the date of this letter. Words defined in the
agreement have the same meaning here. The matters below are disclosed against the Warranties, whichever of them
they are set out against.

## General disclosures
- everything shown by a search of the public registers on the day before this letter;
- the contents of the data room, listed in the index initialled by both parties.

## Specific disclosures
| Warranty | Disclosure |
| 4.3 Accounts | Stock at 31 March includes sextant housings worth GBP 41,200 that have not moved for two years. |
| 7.1 Contracts | The supply agreement with Osterby Glas has run out and goes on from month to month. |
| 9.2 Employees | Two production workers have raised a grievance about the shift pattern. |

No disclosure is an admission, and none widens the scope of a Warranty.

__ Ines Tidewell, for the Sellers
"""

NDA = """
@ Castellan Marsh plc, 12 Quayside, Fenmouth
# Mutual Non-Disclosure Agreement
This agreement is made between Castellan Marsh plc and Halyard Tidewell Limited. The parties wish to look into a
possible transaction (the Purpose), and will each show the other information that is not public.

## 1. What is confidential
Confidential Information is all information, in whatever form, that one party makes known to the other for the
Purpose, including the fact that talks are taking place. It does not include what is or becomes public other than
by a breach, what the receiver already knew, or what it works out on its own.

## 2. Duties
The receiver keeps the information secret, uses it for the Purpose alone, and shows it only to those directors,
employees and advisers who need it and are bound likewise. It keeps a list of the persons to whom it was shown.

## 3. Return
On request the receiver returns or destroys the information within ten business days, and confirms this in
writing. Copies in routine backups may stay until they are overwritten, and remain confidential.

## 4. Term
The duties last for three years from the date of the last signature. Neither party shall, for twelve months,
employ an executive of the other whom it met through the Purpose.

__ Signed: G. Marsh, for Castellan Marsh plc
__ Signed: Ines Tidewell, for Halyard Tidewell Limited
"""

INTENT = """
@ Castellan Marsh plc, 12 Quayside, Fenmouth
> Ines Tidewell
> Halyard Tidewell Limited
> Unit 7, Ropewalk

# Letter of Intent
Dear Ms Tidewell,

Thank you for the time that you and your managers gave us in September. We write to set out the terms on which we
would wish to buy the whole share capital of Halyard Tidewell Limited.

| Point | Our proposal |
| Price | GBP 18,400,000 on a cash-free, debt-free basis |
| Payment | In cash at completion |
| Diligence | Six weeks, with access to the premises and to the heads of department |
| Management | Ms Tidewell stays for twelve months as adviser to the board |

You agree not to talk to any other buyer for eight weeks from today. That paragraph, and those about
confidentiality and costs, bind both of us; the rest of this letter does not.

Our board has approved this letter. We need no financing from third parties. If these terms are acceptable,
please sign and return the enclosed copy by the end of next week.

Yours sincerely,
__ G. Marsh, Chief Executive
__ Agreed: Ines Tidewell
"""
