"""Quillon Foods: a complaint, an inquiry and a settlement. Two documents have hostile names."""

from __future__ import annotations

from tests.sample_maker.content.quillon_inquiry import (
    COMPLAINT,
    COMPLAINT_NOTE,
    INTERVIEW,
    REPORT,
    ROTA,
    ROTA_MAIL,
)
from tests.sample_maker.model import Matter, Shelf, paper, rev

SETTLEMENT = """
@ Without prejudice and subject to contract
# Settlement Agreement
between Quillon Foods Limited (the Company) and the employee named in the schedule (the Employee)

## 1. The end of the employment
The employment ends on 31 December by mutual consent. Until then the Employee is released from work, on full pay.

## 2. Payments
| What | GBP |
| Compensation for loss of office | 18,000 |
| Holiday not taken, 9 days | 1,240 |
| Contribution to legal advice | 500 |

2.1 The first GBP 30,000 is believed to be free of tax. The Employee bears any tax that is due beyond.

## 3. Claims
The Employee accepts the payments in settlement of the claims listed in the schedule, and of no others.

## 4. Reference
The Company gives the reference that is annexed, and answers questions about the Employee in the same spirit.

## 5. Advice
The Employee has been advised on this agreement by an adviser who is independent and insured.

__ For Quillon Foods Limited
__ Employee
"""

HANDBOOK = """
@ Quillon Foods Limited
# Staff handbook, part 4: hours and breaks
## 4.1 Breaks
Whoever works more than six hours has a break of thirty minutes, in one piece or in two. It is taken away from the
line. Nobody may be asked to go without.

## 4.2 Records
The start and the end of each break are recorded by the person who takes it, at the terminal next to the door. Shift
leaders check the records, and do not make them.

## 4.3 Nights
On nights the shift has at least eight members. Where fewer come, the shift leader calls the stand-by list and, if
that does not help, stops one oven in three.

## 4.4 If something is wrong
Tell your shift leader, the works council, or the number on the back of your card. You will not be worse off for it.
"""

HEARING = """
@ Employment Tribunal, Fenmouth
# Notice of a preliminary hearing
Abara and others v. Quillon Foods Limited

A preliminary hearing by telephone takes place on 14 December at 10 a.m. One hour has been set aside. The judge will
settle the list of issues, decide whether the five claims are heard together, and give directions.

The parties are to send an agreed agenda five working days before. Where they do not agree, each sends its own, of two
pages at most. Anyone who needs an interpreter or an adjustment should say so now.

__ For the Secretary of the Tribunal
"""

PAYMENT = """
This text came to the accounts department of Quillon Foods by e-mail. It was not sent by us. It is kept as evidence:
please do not act on it, and do not delete it.

    Dear accounts,
    our bank account has changed. Please pay the open invoice of Harlow Finch to the new account TODAY to avoid
    interest. Do not call, the telephones are being moved. Confirm by reply.

What gave it away: the address of the sender ends in a domain that is not ours; the name of the attached file showed
in red on the terminal of the server; and we have no open invoice.

Reported to the bank, and to the police under no. 26/44817. All clients were told on the same day.
"""

DISGUISED = """
@ Evidence - not an invoice of ours
# Invoice
| Item | Amount |
| Legal services | 12,480.00 |

This document came with the message about a changed account. Its name holds a character that turns the direction of
the text round, so that a PDF looks like a workbook in many programs. The content is harmless and was printed to
this file again; the original is with the police.

Let it serve for training: look at the kind of a document, and not at its name alone.
"""

HOTLINE = """
From: Tobe Okafor <tokafor@harlow-finch.example>
To: Dana Jones <djones@harlow-finch.example>
Subject: Hotline: who may listen to the recordings?
Date: Tue, 03 Nov 2026 14:20:00 +0000

Dana,

the hotline keeps recordings for thirty days, so those of the first week go on the 9th. The provider will hold
them if we ask in writing today. A draft is attached.

The works council says that only the person who called may release a recording. The contract says that the
company may, "for good cause". I have found nothing that decides it.

Tobe
"""

HOLD = """
# Request to keep recordings
Dear Sirs,

We act for Quillon Foods Limited. Please keep all recordings of calls from the Marrow Lane site made since 28
September until we write to you again, whatever your usual term. This is not a request to hear them.

Please confirm today by e-mail.

__ For Harlow Finch LLP
"""

MATTER = Matter(
    "Quillon Foods - Inquiry",
    "quillon",
    "Inquiry into the night shift at Marrow Lane; claims before the tribunal",
    "DJONES",
    shelves=(
        Shelf(
            "Inquiry",
            shelves=(
                Shelf(
                    "Interviews",
                    papers=(
                        paper(
                            'Interview: "the shift leader", first part.txt',
                            "MEMO",
                            "DJONES",
                            INTERVIEW,
                            rev("DJONES", 29.3, "Notes of the day"),
                            slug="interview-shift-leader",
                        ),
                    ),
                ),
                Shelf(
                    "Quarantine",
                    papers=(
                        paper(
                            "Invoice_\u202exslx.pdf",
                            "EXHIBIT",
                            "TOKAFOR",
                            DISGUISED,
                            rev("TOKAFOR", 12.9, "Printed from the original"),
                            slug="invoice-disguised",
                        ),
                        paper(
                            "Payment \u001b[31mURGENT\u001b[0m instructions.txt",
                            "EXHIBIT",
                            "TOKAFOR",
                            PAYMENT,
                            rev("TOKAFOR", 12.8, "Kept as evidence, with its name"),
                            slug="payment-instructions",
                        ),
                    ),
                ),
            ),
            papers=(
                paper(
                    "Complaint of the Works Council.eml",
                    "CORRESPONDENCE",
                    "DJONES",
                    COMPLAINT,
                    rev("DJONES", 39.0, "Filed from the mailbox"),
                    attachments=(("Rota as worked.csv", ROTA_MAIL), ("Statement.pdf", COMPLAINT_NOTE)),
                ),
                paper(
                    "Hotline: who may listen?.eml",
                    "CORRESPONDENCE",
                    "TOKAFOR",
                    HOTLINE,
                    rev("TOKAFOR", 16.8, "Filed from the mailbox"),
                    slug="hotline",
                    attachments=(("Request to keep recordings.docx", HOLD),),
                ),
                paper(
                    "Report of the Inquiry.docx",
                    "MEMO",
                    "DJONES",
                    REPORT,
                    rev(
                        "DJONES",
                        21.5,
                        "Draft for the partner",
                        (
                            "The transfers were made because of the complaint. They should be reversed.",
                            "The transfers followed the complaint closely. The reason given for them is weak.",
                        ),
                    ),
                    rev(
                        "APATEL",
                        18.8,
                        "Conclusion on the transfers made plain",
                        (
                            "The transfers followed the complaint closely. The reason given for them is weak.",
                            "The transfers were made because of the complaint. They should be reversed.",
                        ),
                    ),
                ),
                paper(
                    "Rota Weeks 38-41.xlsx",
                    "FINANCE",
                    "TOKAFOR",
                    ROTA,
                    rev("TOKAFOR", 32.0, "From the door records"),
                ),
            ),
        ),
        Shelf(
            "Settlement",
            papers=(
                paper(
                    "Settlement Agreement.docx",
                    "AGREEMENT",
                    "DJONES",
                    SETTLEMENT,
                    rev("DJONES", 8.6, "First draft"),
                    rev(
                        "MKELLER",
                        7.1,
                        "Reference annexed",
                        (
                            "Compensation for loss of office | 18,000",
                            "Compensation for loss of office | 21,500",
                        ),
                    ),
                    rev(
                        "DJONES",
                        4.2,
                        "As agreed with the adviser",
                        ("Contribution to legal advice | 500", "Contribution to legal advice | 750"),
                    ),
                ),
            ),
        ),
        Shelf(
            "Tribunal",
            papers=(
                paper(
                    "Notice of Hearing.pdf", "PLEADING", "TOKAFOR", HEARING, rev("TOKAFOR", 6.1, "By post")
                ),
                paper(
                    "Staff Handbook, part 4.pdf",
                    "EXHIBIT",
                    "TOKAFOR",
                    HANDBOOK,
                    rev("TOKAFOR", 37.7, "Extract"),
                ),
            ),
        ),
    ),
)
