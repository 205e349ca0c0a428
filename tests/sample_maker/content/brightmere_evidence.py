"""Brightmere: evidence."""

from __future__ import annotations

from tests.sample_maker.model import Out, Shelf, paper, rev

EXPERT = """
@ Capt. L. Fenwick, nautical consultant
# Expert report on the navigation of Pellworth IV
## 1. Instructions
I am asked by Harlow Finch LLP to say how the two vessels moved before the collision of 14 February, and whether the
dredger was navigated with the care to be expected. My duty is to the court, and overrides any to those who pay me.

## 2. Material
- the positions sent by the dredger's transponder, at intervals of six to ten seconds;
- the pictures of the camera on the pier, one every thirty seconds;
- the log of the harbour watch, in copy; the log of the ferry, in the original.

## 3. Movements
The dredger left the basin at 07.49.10. Up to the first buoy she made between two and three knots. There she turned
to port, later than I should have expected, and gained speed while turning. At 07.51.40 she was heading for the pier.

| Time | Heading | Speed in knots | Distance to the ferry, metres |
| 07.49.10 | 182 | 2.1 | 410 |
| 07.50.20 | 179 | 2.8 | 305 |
| 07.51.00 | 161 | 3.6 | 188 |
| 07.51.40 | 141 | 4.2 | 74 |
| 07.52.05 | 138 | 3.9 | 0 |

## 4. The speed
In a visibility of 150 metres a vessel of this size, loaded, must be able to stop within 75. By the builder's trials
she needs 140 metres from four knots. Her speed was therefore not safe after the first buoy.

## 5. The turn
To hold to the fairway the wheel had to be put over at 07.50.15 at the latest. It was put over at 07.50.45. I cannot
tell from the material why. An order that came late, or a helmsman who saw no mark to steer by, would both explain it.

## 6. The ferry
A stern line that is slackened by two metres lets the stern swing into the fairway by less than one. In my opinion
this had no effect on the collision: the dredger would have struck her all the same.

## 7. Opinion
The dredger was not navigated with due care. Her speed and the late turn each sufficed to cause the collision.

I confirm that I have made clear which facts are within my own knowledge and which are not, and that the opinions
expressed are my true and complete professional opinions.

__ L. Fenwick, master mariner
"""

STATEMENT = """
@ In the Admiralty Court - Claim No. AD-2026-0117
# Witness statement of Ruth Calder
I, Ruth Calder, of the Ferry Office, Eastern Pier, will say:

1. I am the mate of the Grey Plover, and have been for eleven years. I make this statement from my own knowledge.

2. On 14 February we were to sail at 08.10. At 07.40 I went round the lines with the deckhand. All four were fast. At
07.48 I had the after spring slackened by an arm's length, since the tide was rising, and wrote it down.

3. I heard an engine and looked aft. There was nothing to be seen but fog. Then there was a bow, high up, with rust
below the hawse pipe. I shouted to the passengers to hold on. There were fourteen of them. Nobody was badly hurt.

4. I heard no signal before that, and I had been listening, because one does in fog.

I believe that the facts stated in this witness statement are true.

__ R. Calder
"""

POSITIONS = """
time | latitude | longitude | heading | speed
07:49:10 | 54.10231 | -2.88104 | 182 | 2.1
07:49:28 | 54.10214 | -2.88105 | 181 | 2.3
07:49:46 | 54.10193 | -2.88105 | 180 | 2.6
07:50:04 | 54.10169 | -2.88106 | 180 | 2.7
07:50:20 | 54.10147 | -2.88104 | 179 | 2.8
07:50:41 | 54.10116 | -2.88099 | 176 | 3.2
07:51:00 | 54.10085 | -2.88081 | 161 | 3.6
07:51:21 | 54.10053 | -2.88049 | 149 | 4.0
07:51:40 | 54.10026 | -2.88014 | 141 | 4.2
07:52:05 | 54.09993 | -2.87968 | 138 | 3.9
"""

EXHIBITS = """
No | Description | Disclosed by | Date | Pages
1 | Log of the ferry, 14 February | Claimant | 2026-10-02 | 3
2 | Log of the harbour watch, copy | Harbour master | 2026-10-05 | 2
3 | Positions of Pellworth IV | Defendant | 2026-10-02 | 11
4 | Invoice of Holme yard | Claimant | 2026-10-02 | 6
5 | Mooring plan of the eastern pier | Harbour master | 2026-10-05 | 1
6 | Certificate of the second ferry | Claimant | 2026-10-09 | 2
7 | Camera of the pier, 07.51 | Harbour master | 2026-10-05 | 1
8 | Builder's trials of Pellworth IV | Defendant | 2026-10-16 | 4
"""

LOG = """
size 600 800 #efe9d8
text 60 50 24 #23324a HARBOUR WATCH
text 60 84 14 #23324a Sheet 2 of 2 - 14 February
line #8a8f9c 1 50 120 550 120
line #8a8f9c 1 50 180 550 180
line #8a8f9c 1 50 240 550 240
line #8a8f9c 1 50 300 550 300
line #8a8f9c 1 50 360 550 360
line #8a8f9c 1 50 420 550 420
line #8a8f9c 1 50 480 550 480
line #8a8f9c 1 130 110 130 500
text 60 140 18 #1b2c66 06.00
text 145 140 18 #1b2c66 Took over the watch. Fog, calm.
text 60 200 18 #1b2c66 07.00
text 145 200 18 #1b2c66 Fog thicker, 150 m. Two cutters out.
text 60 260 18 #1d1d1d 07.49
text 145 260 18 #1d1d1d Pellworth IV leaves basin. One blast.
text 60 320 18 #1b2c66 07.53
text 145 320 18 #1b2c66 Noise from the pier. Called the tug.
text 60 380 18 #1b2c66 08.00
text 145 380 18 #1b2c66 Ferry struck aft. Nobody hurt.
text 60 440 18 #1b2c66 08.20
text 145 440 18 #1b2c66 Tug alongside.
oval 470 620 80 80 #7a6a58 3
specks 2 320
tilt -0.9
stamp 60 690 #24507a EXHIBIT 2
"""

PLAN = """
size 720 460 #f7f7f2
rect 0 0 720 120 #d9d2c0
rect 470 120 60 250 #d9d2c0
line #5a5a55 2 0 120 470 120 470 370 530 370 530 120 720 120
poly #8fa7b8 440 180 462 180 462 330 451 352 440 330
line #5a5a55 1 462 190 478 170
line #5a5a55 1 462 330 478 350
poly #c28f6a 120 190 150 180 330 250 340 275 310 272 130 220
line #b03a2e 2 90 160 230 228 420 300
text 14 14 18 #333333 EASTERN PIER - MOORING PLAN
text 380 360 13 #333333 Grey Plover
text 140 280 13 #333333 Pellworth IV
text 250 190 13 #b03a2e track by transponder
text 550 220 13 #333333 pier, 62 m
line #333333 2 560 420 680 420
text 590 425 12 #333333 25 m
stamp 30 390 #24507a EXHIBIT 5
"""

CAMERA = """
size 640 400 #9aa0a4
rect 0 0 640 90 #a9aeb1
rect 0 90 640 80 #a2a8ab
rect 0 250 640 150 #7f878b
rect 0 230 640 20 #8b9296
poly #6d7477 380 260 400 190 600 180 640 186 640 290 410 300
rect 420 210 22 18 #8f969a
rect 460 208 22 18 #8f969a
rect 500 206 22 18 #8f969a
oval 392 236 10 10 #e8d27a 5
rect 40 150 14 250 #5c6265
rect 250 150 14 250 #646a6d
line #5c6265 6 0 170 330 170
text 12 370 16 #f3f3f3 CAM 3 PIER EAST 14-02 07:51:00
specks 7 500
stamp 450 20 #24507a EXHIBIT 7
"""

LONG_NOTE = """
Conference with counsel on the evidence, by telephone

Counsel has read the report of Captain Fenwick, the statements, and the notes of both depositions.

1  Look-out. Made out on the apprentice alone. She would not call more evidence on it.
2  Speed. The table in section 3 of the report is the case. It should be on one page, large, for the judge.
3  Signal. We need not prove that there was none. If the log was written up later, it is for them to explain.
4  The stern line. Concede the metre, contest the cause. It costs us a tenth at worst.
5  The second ferry. The certificate ends it.

She asks for the telephone record again, and for an order if it does not come by the end of the month.
"""

SHELF = Shelf(
    "Evidence",
    shelves=(
        Shelf(
            "Exhibits",
            shelves=(
                Shelf(
                    "Scans",
                    papers=(
                        paper(
                            "Exhibit 2 - Log of the Watch.png",
                            "EXHIBIT",
                            "TOKAFOR",
                            LOG,
                            rev("TOKAFOR", 45.8, "Scanned in colour: mind the ink"),
                        ),
                        paper(
                            "Exhibit 5 - Mooring Plan.png",
                            "EXHIBIT",
                            "TOKAFOR",
                            PLAN,
                            rev(
                                "TOKAFOR",
                                45.7,
                                "As disclosed",
                                ("line #b03a2e 2 90 160 230 228 420 300\n", ""),
                                ("text 250 190 13 #b03a2e track by transponder\n", ""),
                            ),
                            rev(
                                "TOKAFOR",
                                39.4,
                                "Track of the dredger added, for counsel",
                                (
                                    "text 14 14",
                                    "line #b03a2e 2 90 160 230 228 420 300\n"
                                    "text 250 190 13 #b03a2e track by transponder\ntext 14 14",
                                ),
                            ),
                        ),
                        paper(
                            "Exhibit 7 - Camera 07.51.png",
                            "EXHIBIT",
                            "TOKAFOR",
                            CAMERA,
                            rev("TOKAFOR", 45.6, "From the harbour master"),
                        ),
                    ),
                ),
            ),
            papers=(
                paper(
                    "List of Exhibits.csv",
                    "EXHIBIT",
                    "TOKAFOR",
                    EXHIBITS,
                    rev(
                        "TOKAFOR",
                        44.2,
                        "Nos. 1 to 6",
                        ("\n7 | Camera of the pier, 07.51 | Harbour master | 2026-10-05 | 1", ""),
                        ("\n8 | Builder's trials of Pellworth IV | Defendant | 2026-10-16 | 4", ""),
                    ),
                    rev(
                        "TOKAFOR",
                        30.3,
                        "Nos. 7 and 8 added",
                        (
                            "2026-10-09 | 2",
                            "2026-10-09 | 2\n"
                            "7 | Camera of the pier, 07.51 | Harbour master | 2026-10-05 | 1\n"
                            "8 | Builder's trials of Pellworth IV | Defendant | 2026-10-16 | 4",
                        ),
                    ),
                ),
                paper(
                    "Exhibit 3: Positions of Pellworth IV *provisional*.csv",
                    "EXHIBIT",
                    "TOKAFOR",
                    POSITIONS,
                    rev("TOKAFOR", 46.1, "As disclosed, times in UTC"),
                    slug="exhibit-3-positions",
                ),
            ),
        ),
        Shelf(
            "Experts and Witnesses",
            papers=(
                paper(
                    "Expert Report - Capt. Fenwick.pdf",
                    "EXHIBIT",
                    "APATEL",
                    EXPERT,
                    rev(
                        "APATEL",
                        23.3,
                        "Draft for comment",
                        ("\n| 07.51.00 | 161 | 3.6 | 188 |", ""),
                        ("Her speed and the late turn each sufficed to cause", "Her speed caused"),
                    ),
                    rev(
                        "APATEL",
                        12.5,
                        "Signed",
                        ("| 07.51.40 | 141", "| 07.51.00 | 161 | 3.6 | 188 |\n| 07.51.40 | 141"),
                        ("Her speed caused", "Her speed and the late turn each sufficed to cause"),
                    ),
                ),
                paper(
                    "Witness Statement - R. Calder.docx",
                    "PLEADING",
                    "DJONES",
                    STATEMENT,
                    rev("DJONES", 31.2, "From the interview"),
                    rev(
                        "DJONES",
                        28.6,
                        "As corrected by the witness",
                        ("All four were fast.", "All four were fast. I put my foot on each, as I always do."),
                    ),
                    rev(
                        "DJONES",
                        19.4,
                        "For signature",
                        (
                            "There were fourteen of them.",
                            "There were fourteen of them aboard, and two on the gangway.",
                        ),
                    ),
                    out=Out("DJONES", 0.8, "Exhibit numbers to be put in"),
                ),
                paper(
                    "Note of the conference with counsel on the report of Captain Fenwick, the statements of the "
                    "mate and the deckhand, and the depositions of the watchman and of the apprentice (by telephone, "
                    "not to be copied).txt",
                    "MEMO",
                    "DJONES",
                    LONG_NOTE,
                    rev("DJONES", 11.1, "Dictated"),
                    slug="conference-with-counsel",
                ),
            ),
        ),
    ),
)
