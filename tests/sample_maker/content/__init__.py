"""The sample matters: who works on them, where their documents are, and what the texts say."""

from __future__ import annotations

from tests.sample_maker.content import (
    brightmere_case,
    brightmere_evidence,
    firm,
    halyard_deal,
    halyard_diligence,
    lumenor,
    quillon,
    varga,
)
from tests.sample_maker.model import Matter

PEOPLE = [
    {"id": number, "name": name, "email": f"{number.lower()}@harlow-finch.example"}
    for number, name in (
        ("DJONES", "Dana Jones"),
        ("MKELLER", "Martin Keller"),
        ("APATEL", "Asha Patel"),
        ("LMARCHETTI", "Lucia Marchetti"),
        ("RSATO", "Rei Sato"),
        ("TOKAFOR", "Tobe Okafor"),
        ("HBRANDT", "Helga Brandt"),
    )
]

HALYARD = Matter(
    "Halyard - Share Sale",
    "halyard",
    "Sale of Halyard Tidewell Limited to Castellan Marsh plc",
    "DJONES",
    shelves=(halyard_deal.SHELF, *halyard_diligence.SHELVES),
)
BRIGHTMERE = Matter(
    "Brightmere - Collision Claim",
    "brightmere",
    "Claim against Pellworth Dredging Company, AD-2026-0117",
    "APATEL",
    shelves=(*brightmere_case.SHELVES, brightmere_evidence.SHELF),
)
MATTERS = (HALYARD, BRIGHTMERE, lumenor.MATTER, varga.MATTER, quillon.MATTER, firm.MATTER)

DEAL = (HALYARD.name, "Deal Documents")
RECENT = [
    ["Firm - Know-how", "Dictation (not yet typed).txt"],
    [BRIGHTMERE.name, "Evidence", "Experts and Witnesses", "Witness Statement - R. Calder.docx"],
    [*DEAL, "Share Purchase Agreement.docx"],
    [HALYARD.name, "Due Diligence", "Property", "Ropewalk", "Report on the Lease.docx"],
    ["Quillon Foods - Inquiry", "Settlement", "Settlement Agreement.docx"],
    [*DEAL, "Disclosure Letter.docx"],
    [HALYARD.name, "Due Diligence", "Property", "Ropewalk", "Consent of the Harbour Estate.pdf"],
    [*DEAL, "Call Notes - Castellan.txt"],
    ["Estate of A. Varga", "Family", "Procès-verbal de la réunion de famille.docx"],
    [BRIGHTMERE.name, "Depositions", "Deposition Notes - Apprentice.docx"],
]
FAVORITES = [
    {"name": "Deal Documents", "path": list(DEAL)},
    {"name": "Estate of A. Varga", "path": ["Estate of A. Varga"]},
]
