"""Lumenor: a patent licence to Japan."""

from __future__ import annotations

from tests.sample_maker.content.lumenor_japan import (
    COMMENTS,
    MINUTES_JP,
    NDA_JP,
    PRODUCTS,
    REPORT_MAIL,
    VERY_LONG,
)
from tests.sample_maker.model import Matter, Out, Shelf, paper, rev

LICENCE = """
@ Harlow Finch LLP draft
# Patent Licence Agreement
between Lumenor Optics Limited (the Licensor) and Kazehaya Seiki KK (the Licensee)

## 1. Grant
1.1 The Licensor grants the Licensee a licence under the Patents to make the Products in Japan and to sell them
everywhere. The licence is exclusive in Japan.

1.2 The Licensee may have parts made by others, and may not otherwise grant sublicences.

## 2. Royalties
| Net sales in a year, million yen | Rate |
| up to 500 | 4.5 % |
| from 500 to 1,500 | 3.5 % |
| above 1,500 | 2.5 % |

2.1 Royalties are due within sixty days of the end of each quarter, together with a statement by product. A minimum
of 12 million yen is due for each year from the second.

## 3. Improvements
Each party owns what it improves. The Licensee grants the Licensor a licence of its improvements, without charge and
not exclusive, for the life of the Patents.

## 4. Infringement by others
The Licensor may proceed against infringers. If it has not done so within ninety days of a request, the Licensee
may, in Japan, at its own cost and for its own benefit.

## 5. Term
This agreement runs until the last of the Patents expires. Either party may end it for a breach that is not put
right within forty-five days of notice.
"""

ROYALTIES = """
# Forecast
Year | Units | Price JPY | Net sales JPY | Rate | Royalty JPY
1 | 4200 | 61000 | =B2*C2 | 0.045 | =D2*E2
2 | 9800 | 58500 | =B3*C3 | 0.043 | =D3*E3
3 | 15500 | 56000 | =B4*C4 | 0.041 | =D4*E4
4 | 21000 | 54000 | =B5*C5 | 0.039 | =D5*E5
Total | =SUM(B2:B5) | | =SUM(D2:D5) | | =SUM(F2:F5)
# Minimum
Year | Minimum JPY | Forecast JPY | Above
2 | 12000000 | =Forecast!F3 | =C2-B2
3 | 12000000 | =Forecast!F4 | =C3-B3
4 | 12000000 | =Forecast!F5 | =C4-B4
"""

PRIOR = """
Number | Country | Holder | Title | Published | Relevance
D1 | DE | Optische Werke Rhon | Zoom lens with liquid element | 1998-05-14 | high
D2 | JP | Minato Glass | Variable focus device | 2003-11-06 | high
D3 | US | R. Ellery | Electrowetting cell | 2001-02-20 | medium
D4 | FR | Atelier Sorbier | Objectif à membrane | 2006-07-28 | medium
D5 | GB | Thornbury Research | Oil filled spectacle lens | 1987-09-03 | low
D6 | US | Pike Imaging | Driver for focusing cell | 2009-12-15 | low
"""

OPINION = """
@ Harlow Finch LLP - privileged and confidential
# Opinion on validity
## Question
Lumenor asks whether claim 1 of the patent would stand if Kazehaya, or a competitor, attacked it on the documents D1
to D6 that were found in the search.

## Claim 1
The claim has four features: (a) two liquids that do not mix, in a cell; (b) a ring of electrodes in segments; (c) a
driver that sets each segment on its own; (d) a correction of tilt from the signal of an accelerometer.

## Novelty
D1 shows (a) and, in its figure 6, a ring that may be read as (b). It has a single driver. D2 shows (a) to (c), and
says nothing of tilt. None of the documents shows all four features. The claim is new.

## Inventive step
D2 is the closest. The question is whether a skilled person who is troubled by tilt would have taken an accelerometer
from another field. D6 uses one, to switch the device off when it is dropped. It points away from correcting anything.
We think that the claim is inventive; the chance of success in an attack is, in our judgement, one in four.

## Advice
- Keep claim 4, with the filter, as a second line of defence.
- Do not warrant validity in the licence. Clause 1 should stay as it is.
- Ask the inventor for the notebook of the spring in which the filter was first tried.
"""

FIGURE = """
size 560 440 #ffffff
text 20 14 16 #222222 Fig. 3
oval 130 80 300 300 #222222 3
oval 170 120 220 220 #222222 2
oval 230 180 100 100 #222222 2
line #222222 2 280 80 280 120
line #222222 2 280 340 280 380
line #222222 2 130 230 170 230
line #222222 2 390 230 430 230
line #222222 2 174 124 202 152
line #222222 2 386 124 358 152
line #222222 2 174 336 202 308
line #222222 2 386 336 358 308
line #444444 1 410 150 490 100
text 494 88 18 #222222 31
line #444444 1 330 230 490 240
text 494 228 18 #222222 33
line #444444 1 240 310 90 400
text 60 396 18 #222222 35
text 210 405 14 #222222 electrodes in eight segments
"""


SAMPLE_NOTE = """
@ Lumenor Optics Limited
# Test of three prototypes
We measured the three prototypes that Kazehaya sent in October on the bench in our laboratory. Each was tilted from
zero to forty degrees and back, ten times, with the correction on and then off.

| Prototype | Error without correction, waves | With correction |
| A | 1.92 | 0.31 |
| B | 1.87 | 0.28 |
| C | 2.10 | 0.94 |

Prototype C has an older driver board, which sets the segments in pairs. It falls outside claim 1, and inside claim 4
alone. The licence should name both. The electrodes of B show a discolouration at two segments, which may come from
the heat of soldering, and did no harm to the result.

__ Head of the laboratory
"""


MATTER = Matter(
    "Lumenor - Patent Licence",
    "lumenor",
    "Licence of the lens patents to Kazehaya Seiki KK, Japan",
    "LMARCHETTI",
    shelves=(
        Shelf(
            "Licence",
            papers=(
                paper(
                    "Patent Licence Agreement.docx",
                    "AGREEMENT",
                    "LMARCHETTI",
                    LICENCE,
                    rev("LMARCHETTI", 49.6, "First draft"),
                    rev(
                        "LMARCHETTI",
                        37.2,
                        "Parts made by others",
                        (
                            "The Licensee may have parts made by others, and may not",
                            "The Licensee may have parts made by others, whom it names to the Licensor, and may not",
                        ),
                    ),
                    rev(
                        "RSATO",
                        16.9,
                        "Draft 2, sent to Kazehaya",
                        ("within forty-five days", "within sixty days"),
                    ),
                    rev(
                        "LMARCHETTI",
                        10.8,
                        "Ninety days for payment",
                        ("Royalties are due within sixty days", "Royalties are due within ninety days"),
                    ),
                    rev(
                        "RSATO",
                        5.9,
                        "Draft 3: the minimum stays in the second year",
                        (
                            "A minimum\nof 12 million yen is due for each year from the second.",
                            "A minimum\nis due of 6 million yen for the second year, and of 12 million yen for each "
                            "later one.",
                        ),
                    ),
                    out=Out("RSATO", 0.9, "Japanese text to be set beside it"),
                ),
                paper(
                    "Royalty Forecast.xlsx",
                    "FINANCE",
                    "LMARCHETTI",
                    ROYALTIES,
                    rev(
                        "LMARCHETTI",
                        48.8,
                        "With the client's figures",
                        ("4 | 21000 | 54000", "4 | 19000 | 54000"),
                    ),
                    rev("LMARCHETTI", 15.5, "Fourth year raised", ("4 | 19000 | 54000", "4 | 21000 | 54000")),
                ),
                paper(
                    "Test of three prototypes.pdf",
                    "EXHIBIT",
                    "LMARCHETTI",
                    SAMPLE_NOTE,
                    rev("LMARCHETTI", 21.7, "From the client's laboratory"),
                ),
            ),
        ),
        Shelf(
            "Prior Art",
            papers=(
                paper(
                    "Opinion on Validity.pdf",
                    "MEMO",
                    "LMARCHETTI",
                    OPINION,
                    rev("LMARCHETTI", 59.3, "Sent to the client"),
                ),
                paper(
                    "Search Results D1-D6.csv",
                    "EXHIBIT",
                    "TOKAFOR",
                    PRIOR,
                    rev("TOKAFOR", 68.0, "From the searcher"),
                ),
                paper(
                    "Fig. 3 - Electrodes.png", "EXHIBIT", "TOKAFOR", FIGURE, rev("TOKAFOR", 67.9, "Redrawn")
                ),
            ),
        ),
        Shelf(
            "日本 (Japan)",
            shelves=(
                Shelf(
                    "契約",
                    papers=(
                        paper(
                            "秘密保持契約書.docx",
                            "AGREEMENT",
                            "RSATO",
                            NDA_JP,
                            rev("RSATO", 77.1, "初稿", ("三年間", "二年間")),
                            rev("RSATO", 75.4, "期間を三年に", ("二年間", "三年間")),
                            slug="nda-japan",
                        ),
                    ),
                ),
            ),
            papers=(
                paper(
                    VERY_LONG,
                    "MEMO",
                    "RSATO",
                    MINUTES_JP,
                    rev("RSATO", 19.9, "打合せの当日"),
                    slug="minutes-japan",
                ),
                paper(
                    "風早精機：ライセンス契約の件.eml",
                    "CORRESPONDENCE",
                    "RSATO",
                    REPORT_MAIL,
                    rev("RSATO", 15.0, "Filed from the mailbox"),
                    slug="kazehaya-draft-2",
                    attachments=(("ライセンス契約案に対する意見.docx", COMMENTS), ("製品一覧.csv", PRODUCTS)),
                ),
            ),
        ),
    ),
)
