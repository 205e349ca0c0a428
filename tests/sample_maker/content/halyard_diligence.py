"""Halyard: due diligence and letters."""

from __future__ import annotations

from tests.sample_maker.model import Out, Shelf, paper, rev

ENGAGEMENT = """
@ Harlow Finch LLP, 4 Tanner's Row, Fenmouth
> Ines Tidewell
> Halyard Tidewell Limited

# Engagement Letter
Dear Ines,

Thank you for asking us to act for you and the family trustees in the sale of your shares. This letter, with the
terms of business enclosed, is the agreement between us.

## What we shall do
We shall prepare the data room, draft and negotiate the share purchase agreement and the disclosure letter, and see
the sale through to completion. We do not advise on tax, on pensions, or on the commercial merits of the price.

## Who will do it
Martin Keller is responsible for the matter. Dana Jones has the daily conduct of it, with Tobe Okafor as paralegal.

## Charges
| Person | Rate an hour |
| Partner | GBP 390 |
| Senior associate | GBP 275 |
| Paralegal | GBP 140 |

Our estimate to completion is GBP 68,000, without value added tax. We shall tell you before it is exceeded.

Yours sincerely,
__ Martin Keller, Partner
__ Accepted: Ines Tidewell
"""

LEASE_REPORT = """
@ Harlow Finch LLP
# Report on the lease of Unit 7, Ropewalk
## Summary
The company holds the workshop under a lease of fifteen years from the trustees of the Fenmouth Harbour Estate. Five
years and two months remain. The rent is GBP 84,000 a year and is reviewed, upwards only, next September.

## Points for the buyer
- Change of control counts as an assignment (clause 3.17) and needs consent, which may not be unreasonably withheld.
- The tenant must put the slipway in repair. The surveyor puts the cost at GBP 35,000 to 50,000.
- The break clause was not exercised, and cannot be any more.

## Jetty
The jetty is used under a licence of four pages that can be ended on one month's notice. Three of the pilots' boats
are calibrated there each week. We recommend that a lease of the jetty be asked for together with the consent.

| Date | Event |
| September, next year | Rent review |
| March, in two years | Outside to be painted |
| In five years | End of the term |
"""

CONSENT = """
@ Fenmouth Harbour Estate, The Custom House, Fenmouth
> Harlow Finch LLP
> 4 Tanner's Row

# Unit 7, Ropewalk: consent to change of control
Dear Sirs,

We refer to your letter of 12 October. The trustees consent to the change of control of the tenant by the sale of
all its shares to Castellan Marsh plc, on these conditions:

- the sale is completed within three months of this letter;
- the rent of the December quarter is paid on its day;
- the buyer guarantees the rent for two years, in the form enclosed.

Our costs of GBP 1,150 are payable on completion. This consent does not waive any breach of the tenant's covenants,
in particular those about the slipway, of which our surveyor will write separately.

__ The Estate Steward
"""

EMPLOYEES = """
Number | Department | Function | Start | Hours a week | Salary GBP
001 | Workshop | Instrument maker | 2004-03-01 | 38 | 41200
002 | Workshop | Instrument maker | 2009-06-15 | 38 | 39800
003 | Workshop | Apprentice | 2025-09-01 | 38 | 19400
004 | Calibration | Engineer | 2015-01-12 | 40 | 52600
005 | Calibration | Technician | 2019-11-04 | 32 | 33100
006 | Sales | Head of sales | 2012-05-21 | 40 | 61000
007 | Sales | Assistant | 2022-02-14 | 20 | 17600
008 | Office | Bookkeeper | 2007-10-01 | 24 | 27900
"""

CONTRACT = """
@ Halyard Tidewell Limited
# Standard Contract of Employment
This contract is between Halyard Tidewell Limited and the employee named in the particulars.

## 1. Work
You are employed as set out in the particulars. You may be asked to do other work that fits your training, and to
work at the jetty as well as in the workshop. The first six months are a probationary period.

## 2. Pay and hours
Your pay is due on the last working day of each month. Normal hours are 38 a week. Work at night or on the water is
paid with an addition of one quarter.

## 3. Holiday and sickness
You have 26 days of holiday a year besides public holidays. In sickness you are paid in full for eight weeks.

## 4. What you make
Designs and drawings that you make in the course of your work belong to the company.

## 5. Notice
After the probationary period each side gives one month's notice, and one more for every five years of service, up
to six months.

__ For the company
__ Employee
"""

ARTICLES = """
# Articles of association: notes on transfer and pre-emption
Prepared for the completion board meeting. These notes do not replace the articles themselves.

## Article 9 - Transfers
The directors may refuse to register a transfer of shares that are not fully paid. All the shares are fully paid,
as the register of members shows; the article is therefore no obstacle.

## Article 11 - Pre-emption
A holder who wishes to sell must first offer the shares to the others at a price fixed by the auditors. All the
holders sell here, and each has signed a waiver; the waivers are at tab 1.7 of the data room.

## Article 14 - Drag along
The holders of three quarters of the shares may require the others to join. It is not needed unless the employee
trust fails to sign. Its trustee meets on the Monday before completion.
"""

VALUATION = """
# Multiples
Company | Revenue | EBITDA | Enterprise value | EV / EBITDA
Kestrel Gauges | 21400000 | 3100000 | 24200000 | =D2/C2
Nordlys Instrument | 16900000 | 2050000 | 17800000 | =D3/C3
Bay & Beacon | 9800000 | 1330000 | 9900000 | =D4/C4
Mean |  |  |  | =AVERAGE(E2:E4)
# Weighting
Method | Value | Weight | Weighted
Multiples | 18900000 | 0.50 | =B2*C2
Discounted cash flow | 17900000 | 0.50 | =B3*C3
Result |  |  | =D2+D3
"""

OFFER_MAIL = """
From: Ines Tidewell <ines@halyard-tidewell.example>
To: Martin Keller <mkeller@harlow-finch.example>
Subject: Re: Offer / counter-offer?
Date: Fri, 18 Sep 2026 08:15:00 +0100
Html: yes

Martin,

Anders and I have slept on it. 17.5 is too little for what the calibration contracts alone bring in, and I would
rather go on another three years than give them away.

Could you go back with 18.9 and let them find the middle? I should be content with anything above 18.2, but that is
for you and not for them. The accountant's page is attached.

One more thing: I do not want the workshop moved. If they mean to, I should like to hear it before I sign and not
read it in the paper.

Ines
"""

OFFER_PAGE = """
# What the business earns
| Year | Revenue | Result before tax |
| Two years ago | 11,240,000 | 1,310,000 |
| Last year | 12,070,000 | 1,640,000 |
| This year, forecast | 12,900,000 | 1,815,000 |

The calibration contracts bring in a little more than a third of the revenue, and rather more than half of the
result. Four of the five largest run for another three years or longer.
"""

SLIPWAY = """
size 640 440 #9cc4e4
rect 0 0 640 60 #7fb0d8
rect 0 60 640 60 #8fbbde
rect 0 250 640 190 #3d6b86
rect 0 250 640 12 #5f8ca5
poly #c9b79a 0 440 0 300 210 262 420 440
line #8d7a5c 3 30 440 120 280
line #8d7a5c 3 180 440 170 270
line #8d7a5c 3 330 440 200 266
rect 380 150 190 110 #8a4b3c
poly #5a3a34 370 150 475 95 580 150
rect 400 180 30 34 #2c3a44
rect 450 180 30 34 #2c3a44
rect 510 200 36 60 #33261f
poly #d9dde0 250 320 370 320 345 345 272 345
line #40464a 3 310 320 310 230
poly #f2efe6 314 236 314 312 358 312
line #3a2c22 4 60 372 150 350
line #3a2c22 4 90 402 230 366
text 14 412 14 #f4f4f0 Slipway, crack at the third course
"""

SHELVES = (
    Shelf(
        "Due Diligence",
        shelves=(
            Shelf(
                "Corporate",
                papers=(
                    paper(
                        "Articles - notes on pre-emption.docx",
                        "MEMO",
                        "TOKAFOR",
                        ARTICLES,
                        rev("TOKAFOR", 22.4, "For the board meeting"),
                    ),
                    paper(
                        "Valuation <final> 50|50.xlsx",
                        "FINANCE",
                        "HBRANDT",
                        VALUATION,
                        rev(
                            "HBRANDT",
                            58.9,
                            "Weights 40 and 60",
                            ("18900000 | 0.50", "18900000 | 0.40"),
                            ("17900000 | 0.50", "17900000 | 0.60"),
                        ),
                        rev(
                            "HBRANDT",
                            55.2,
                            "Weighted evenly, as the client asked",
                            ("18900000 | 0.40", "18900000 | 0.50"),
                            ("17900000 | 0.60", "17900000 | 0.50"),
                        ),
                        slug="valuation-final",
                    ),
                ),
            ),
            Shelf(
                "Employment",
                papers=(
                    paper(
                        "Employees (without names).csv",
                        "FINANCE",
                        "TOKAFOR",
                        EMPLOYEES,
                        rev("TOKAFOR", 52.8, "From the payroll"),
                    ),
                    paper(
                        "Standard Contract of Employment.docx",
                        "AGREEMENT",
                        "TOKAFOR",
                        CONTRACT,
                        rev("TOKAFOR", 52.7, "From the client"),
                    ),
                ),
            ),
            Shelf(
                "Property",
                shelves=(
                    Shelf(
                        "Ropewalk",
                        papers=(
                            paper(
                                "Consent of the Harbour Estate.pdf",
                                "CORRESPONDENCE",
                                "DJONES",
                                CONSENT,
                                rev("DJONES", 7.3, "Received by post"),
                            ),
                            paper(
                                "Report on the Lease.docx",
                                "MEMO",
                                "DJONES",
                                LEASE_REPORT,
                                rev("DJONES", 33.5, "First draft"),
                                rev(
                                    "DJONES",
                                    26.1,
                                    "Slipway: the surveyor's figures",
                                    (
                                        "GBP 35,000 to 50,000.",
                                        "GBP 48,000 to 62,000, and advises that it be done before the winter.",
                                    ),
                                ),
                                out=Out("DJONES", 3.4, "Adding the terms of the consent"),
                            ),
                            paper(
                                "Slipway 📷 third course.png",
                                "EXHIBIT",
                                "TOKAFOR",
                                SLIPWAY,
                                rev("TOKAFOR", 27.0, "Taken on site"),
                                slug="slipway-third-course",
                            ),
                        ),
                    ),
                ),
            ),
        ),
    ),
    Shelf(
        "Correspondence",
        papers=(
            paper(
                "Engagement Letter.pdf",
                "CORRESPONDENCE",
                "MKELLER",
                ENGAGEMENT,
                rev("MKELLER", 88.4, "Signed by the client"),
            ),
            paper(
                "Re: Offer / counter-offer?.eml",
                "CORRESPONDENCE",
                "MKELLER",
                OFFER_MAIL,
                rev("MKELLER", 65.9, "Filed from the mailbox"),
                attachments=(("What the business earns.pdf", OFFER_PAGE),),
            ),
        ),
    ),
)
