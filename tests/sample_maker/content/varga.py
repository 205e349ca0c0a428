"""Estate of A. Varga: a family in six countries, and papers in as many languages."""

from __future__ import annotations

from tests.sample_maker.content.varga_abroad import (
    ATTESTATION,
    FACTS_FR,
    LEASE_AR,
    LETTER_RU,
    LETTERS_FR,
    LIST_RU,
    LONG_NAME,
    MINUTES_FR,
    POWER_GR,
    SURVEY_DE,
    TRANSLATION_RU,
)
from tests.sample_maker.model import Matter, Out, Shelf, paper, rev

WILL = """
@ Harlow Finch LLP, 4 Tanner's Row, Fenmouth
# Last Will of Alexandra Varga
I, Alexandra Varga, of 9 Belvedere Steps, Fenmouth, revoke all former wills and codicils.

## 1. Executors
I appoint my nephew Theodor Lindqvist and the partners of Harlow Finch LLP at the date of my death as my executors.

## 2. Gifts
- My piano, and the music with it, to the Fenmouth School of Music.
- The drawings by my father to my sister Irini Vargas, to be shared by her among his grandchildren as she sees fit.
- Ten thousand pounds to each of my godchildren who survives me.

## 3. The house at Belvedere Steps
My executors shall let my friend Samira Haddad live in the house, free of rent, for as long as she wishes. She keeps
it in repair. When she leaves it, it falls into the residue.

## 4. Residue
After payment of debts, tax and costs, the rest is to be divided in equal shares between my sister Irini, my brother
Nikolai, and my nephew Theodor. If one of them dies before me, the children take the share.

## 5. Funeral
I wish to be cremated, without speeches.

__ A. Varga
__ Witness
__ Witness
"""

CODICIL = """
@ Harlow Finch LLP, 4 Tanner's Row, Fenmouth
# First Codicil
I, Alexandra Varga, declare this to be a codicil to my will.

1. The gift to each of my godchildren is raised to fifteen thousand pounds.

2. My boat, the Petrel, with her gear and mooring, goes to Samira Haddad, if she wants it. If she does not, my
executors shall sell it and give the price to the lifeboat station at Fenmouth.

3. In all other respects I confirm my will.

__ A. Varga
__ Witness
__ Witness
"""

ENGAGEMENT = """
@ Harlow Finch LLP, 4 Tanner's Row, Fenmouth
> Theodor Lindqvist
> Björkvägen 14

# Engagement Letter
Dear Mr Lindqvist,

We were sorry to hear of the death of your aunt. As her executor together with the firm you have asked us to obtain
probate and to wind up the estate. This letter sets out what we shall do and what it costs.

## The work
We collect the assets, pay the debts and the tax, and divide the rest as the will says. For the flat in Athens and
the account in Lyon we instruct lawyers there; their fees come on top, and we ask you before they begin.

## Charges
We charge by the hour, and nothing on the value of the estate. Asha Patel's rate is GBP 390; most of the work will
be done by Dana Jones at GBP 275. We expect 60 to 80 hours, spread over about a year.

## What we need
- the certificate of death, in the original;
- the keys to the desk and, if you have it, the number of the safe;
- the names and birthdays of the godchildren.

Yours sincerely,
__ Asha Patel, Partner
"""

ESTATE = """
# Assets
Asset | Country | Currency | Value | Rate | GBP
House, Belvedere Steps | GB | GBP | 640000 | 1.00 | =D2*E2
Flat, Odos Platanon | GR | EUR | 182000 | 0.86 | =D3*E3
Account, Crédit du Confluent | FR | EUR | 41350 | 0.86 | =D4*E4
Securities, Fenmouth Mutual | GB | GBP | 228400 | 1.00 | =D5*E5
Boat Petrel | GB | GBP | 14500 | 1.00 | =D6*E6
Piano and music | GB | GBP | 9000 | 1.00 | =D7*E7
Total | | | | | =SUM(F2:F7)
# Debts
Debt | GBP
Funeral | 4180.00
Roof, last instalment | 2650.00
Nursing, September | 1960.25
Total | =SUM(B2:B4)
"""


BACKUP = r"""
Copied from the desk computer, folder H:\Estates\Varga, by T. Okafor

Letters\1994 to 2003      212 files, most of them by the deceased to her brother
Letters\2004 and later     87 files
Boat                       19 files: insurance, mooring, a drawing of the rig
Music                     340 files, not opened
Tax                        26 files, one for each year, the last with a password

The password is not among the papers. The nephew thinks that it is the name of the boat and a year. He was asked to
try no further, so that the file is not locked. The disk itself is in the safe, in an envelope with both signatures.
"""


TRANSACTIONS = """
date | account | text | amount | balance
2026-07-01 | Fenmouth Mutual | Balance brought forward | 0.00 | 18204.16
2026-07-03 | Fenmouth Mutual | Nursing, June | -3810.00 | 14394.16
2026-07-15 | Fenmouth Mutual | Dividend | 2140.75 | 16534.91
2026-08-03 | Fenmouth Mutual | Nursing, July | -3810.00 | 12724.91
2026-08-20 | Fenmouth Mutual | Roof, second instalment | -2650.00 | 10074.91
2026-09-02 | Fenmouth Mutual | Nursing, August | -3920.50 | 6154.41
2026-09-14 | Fenmouth Mutual | Sale of securities | 9000.00 | 15154.41
"""

DEED = """
size 640 440 #eadfc4
rect 20 20 600 400 #f0e7d0
line #8b6f3d 3 24 24 616 24 616 416 24 416 24 24
line #8b6f3d 1 34 34 606 34 606 406 34 406 34 34
text 150 56 26 #4a3820 MOORING CERTIFICATE
para 70 110 17 58 This certifies that the boat Petrel, 7.4 metres, is entered for mooring no. 38 in the old harbour.
para 70 190 17 58 The entry holds for as long as the dues are paid each spring. The right passes with the boat.
line #4a3820 1 70 360 300 360
text 70 366 13 #4a3820 Harbour master
line #23324a 2 84 352 110 322 124 354 146 330 170 352 206 326 240 348
oval 470 270 110 110 #9c3b2e 4
oval 486 286 78 78 #9c3b2e 2
text 503 314 16 #9c3b2e SEAL
specks 5 200
tilt 0.5
"""


MATTER = Matter(
    "Estate of A. Varga",
    "varga",
    "Probate and administration; heirs in Greece, France, Sweden and elsewhere",
    "APATEL",
    shelves=(
        Shelf(
            "Will and Codicils",
            papers=(
                paper(
                    "Last Will of A. Varga.pdf",
                    "ESTATE",
                    "APATEL",
                    WILL,
                    rev("APATEL", 210.5, "Scan of the original"),
                ),
                paper(
                    "First Codicil.pdf",
                    "ESTATE",
                    "APATEL",
                    CODICIL,
                    rev("APATEL", 210.4, "Scan of the original"),
                ),
                paper(
                    "Завещание — перевод.txt",
                    "ESTATE",
                    "TOKAFOR",
                    TRANSLATION_RU,
                    rev("TOKAFOR", 30.8, "From the translator"),
                    slug="will-russian",
                ),
            ),
        ),
        Shelf(
            "Assets",
            shelves=(
                Shelf(
                    "House",
                    papers=(
                        paper(
                            "Gutachten über die Wärmedämmung.pdf",
                            "EXHIBIT",
                            "DJONES",
                            SURVEY_DE,
                            rev("DJONES", 14.3, "From the engineers"),
                            slug="survey-german",
                        ),
                        paper(
                            "عقد إيجار.txt",
                            "AGREEMENT",
                            "TOKAFOR",
                            LEASE_AR,
                            rev("TOKAFOR", 43.1, "Typed from the paper copy"),
                            slug="lease-arabic",
                        ),
                    ),
                ),
                Shelf(
                    "Accounts",
                    papers=(
                        paper(
                            "Re\u0301sume\u0301 des faits - compte de de\u0301po\u0302t.docx",
                            "MEMO",
                            "DJONES",
                            FACTS_FR,
                            rev("DJONES", 24.5, "From the notaries"),
                            slug="facts-french",
                        ),
                        paper(
                            "Transactions.csv",
                            "FINANCE",
                            "HBRANDT",
                            TRANSACTIONS,
                            rev("HBRANDT", 47.4, "From the bank"),
                        ),
                    ),
                ),
            ),
            papers=(
                paper(
                    "Assets and Debts.xlsx",
                    "FINANCE",
                    "DJONES",
                    ESTATE,
                    rev(
                        "DJONES",
                        54.0,
                        "First list",
                        ("Boat Petrel | GB | GBP | 14500", "Boat Petrel | GB | GBP | 9500"),
                    ),
                    rev(
                        "DJONES",
                        25.2,
                        "Boat: figure of the broker",
                        ("Boat Petrel | GB | GBP | 9500", "Boat Petrel | GB | GBP | 14500"),
                    ),
                    out=Out("HBRANDT", 2.5, "Exchange rates of the day of death"),
                ),
                paper("Mooring Certificate.png", "EXHIBIT", "TOKAFOR", DEED, rev("TOKAFOR", 42.6, "Scanned")),
                paper(
                    r"Backup of H:\Estates\Varga.txt",
                    "MEMO",
                    "TOKAFOR",
                    BACKUP,
                    rev("TOKAFOR", 41.9, "Before the disk went into the safe"),
                    slug="backup-of-disk",
                ),
            ),
        ),
        Shelf(
            "Family",
            papers=(
                paper(
                    "Engagement Letter.pdf",
                    "CORRESPONDENCE",
                    "APATEL",
                    ENGAGEMENT,
                    rev("APATEL", 61.6, "Signed by the executor"),
                ),
                paper(
                    "Πληρεξούσιο Ειρήνης Βάργκας.docx",
                    "ESTATE",
                    "DJONES",
                    POWER_GR,
                    rev("DJONES", 38.7, "Draft", ("δύο έτη", "ένα έτος")),
                    rev("DJONES", 35.3, "For two years", ("ένα έτος", "δύο έτη")),
                    slug="power-greek",
                ),
                paper(
                    "Наследство сестры: документы.eml",
                    "CORRESPONDENCE",
                    "DJONES",
                    LETTER_RU,
                    rev("DJONES", 22.9, "Filed from the mailbox"),
                    slug="letter-russian",
                    attachments=(("Список.csv", LIST_RU),),
                ),
                paper(
                    "Procès-verbal de la réunion de famille.docx",
                    "MEMO",
                    "DJONES",
                    MINUTES_FR,
                    rev("DJONES", 9.7, "After the meeting"),
                    slug="family-meeting",
                ),
                paper(
                    LONG_NAME,
                    "CORRESPONDENCE",
                    "DJONES",
                    LETTERS_FR,
                    rev("DJONES", 10.9, "Filed from the mailbox"),
                    slug="letters-french",
                    attachments=(("Attestation de solde.pdf", ATTESTATION),),
                ),
            ),
        ),
    ),
)
