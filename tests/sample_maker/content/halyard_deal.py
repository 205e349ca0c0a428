"""Halyard: the documents of the deal itself, which the first screen of the demo shows."""

from __future__ import annotations

from tests.sample_maker.content.halyard_agreements import DISCLOSURE, INTENT, NDA, SPA
from tests.sample_maker.content.halyard_papers import (
    CALL,
    CAP_CLAUSE,
    CAP_MAIL,
    CAP_ROUNDS,
    CAP_TABLE,
    CHECKLIST,
    DATA_ROOM,
    FUNDS,
    MINUTES,
    SIGNATURE,
)
from tests.sample_maker.model import Out, Shelf, paper, rev

SHELF = Shelf(
    "Deal Documents",
    papers=(
        paper(
            "Board Minutes - Approval of Sale.pdf",
            "CORPORATE",
            "TOKAFOR",
            MINUTES,
            rev("TOKAFOR", 9.2, "Agreed form"),
        ),
        paper(
            "Call Notes - Castellan.txt",
            "MEMO",
            "DJONES",
            CALL,
            rev("DJONES", 8.1, "Typed up after the call"),
        ),
        paper(
            "Cap Table after Completion.xlsx",
            "FINANCE",
            "TOKAFOR",
            CAP_TABLE,
            rev("TOKAFOR", 20.6, "From the register of members"),
        ),
        paper(
            "Closing Checklist.xlsx",
            "FINANCE",
            "TOKAFOR",
            CHECKLIST,
            rev("TOKAFOR", 5.3, "With the landlord's consent"),
        ),
        paper(
            "Data Room Index.csv",
            "FINANCE",
            "TOKAFOR",
            DATA_ROOM,
            rev("TOKAFOR", 40.2, "Exported from the data room"),
        ),
        paper(
            "Disclosure Letter.docx",
            "AGREEMENT",
            "DJONES",
            DISCLOSURE,
            rev("DJONES", 18.2, "First draft"),
            rev(
                "MKELLER",
                11.6,
                "General disclosures narrowed",
                (
                    "- the contents of the data room, listed in the index initialled by both parties.",
                    "- the contents of the data room at noon two days before this letter, listed in the index\n"
                    "- the audited accounts of the last three years.",
                ),
            ),
            rev(
                "DJONES",
                6.4,
                "Slow stock by name, as agreed on the call",
                (
                    "No disclosure is",
                    "Of the stock, 310 housings of type B are the slow ones; the auditors have "
                    "written down none of them.\n\nNo disclosure is",
                ),
                (
                    "have raised a grievance about the shift pattern.",
                    "have raised a grievance about the shift pattern. It was heard and closed in October.",
                ),
            ),
            out=Out("MKELLER", 1.2, "Reading it on the train; back tomorrow"),
        ),
        paper(
            "Funds Flow Statement.xlsx",
            "FINANCE",
            "HBRANDT",
            FUNDS,
            rev("HBRANDT", 4.5, "Second draft from the buyer's side, checked"),
        ),
        paper(
            "Letter of Intent.pdf",
            "CORRESPONDENCE",
            "MKELLER",
            INTENT,
            rev("MKELLER", 63.7, "Received from the buyer"),
        ),
        paper(
            "Non-Disclosure Agreement (signed).pdf",
            "AGREEMENT",
            "MKELLER",
            NDA,
            rev("TOKAFOR", 71.3, "Signed copy"),
        ),
        paper(
            "Share Purchase Agreement.docx",
            "AGREEMENT",
            "DJONES",
            SPA,
            rev("DJONES", 41.3, "First draft"),
            rev(
                "MKELLER",
                29.8,
                "Conditions: landlord's consent",
                (
                    "and\non no Material Adverse Change having occurred.",
                    "on\nthe release of the charge in favour of Fenmouth Mutual, and on no Material Adverse Change.",
                ),
            ),
            rev(
                "DJONES",
                13.1,
                "Limits of liability, round three",
                (
                    "The total liability of the Sellers for all claims is limited to the price.",
                    "The total liability of the Sellers for all claims is limited to one half of the price.",
                ),
            ),
            rev(
                "DJONES",
                2.7,
                "Cap as agreed; clean version for signing",
                ("@ Harlow Finch LLP draft - subject to contract", "@ Agreed form"),
                (
                    "for all claims is limited to one half of the price.",
                    "under the Business Warranties is limited to 60 per cent of the price, and for all other claims\n"
                    "to the price.",
                ),
            ),
        ),
        paper(
            "Signature Page - Sellers (scan).png",
            "EXHIBIT",
            "TOKAFOR",
            SIGNATURE,
            rev("TOKAFOR", 1.9, "Held to our order"),
        ),
        paper(
            "Warranty Cap - reply from Pryce Amberley.eml",
            "CORRESPONDENCE",
            "DJONES",
            CAP_MAIL,
            rev("DJONES", 10.1, "Filed from the mailbox"),
            attachments=(("Clause 4.2 - Buyer's wording.docx", CAP_CLAUSE), ("Rounds.csv", CAP_ROUNDS)),
        ),
    ),
)
