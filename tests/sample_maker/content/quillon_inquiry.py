"""Quillon Foods: what the inquiry heard and found."""

from __future__ import annotations

COMPLAINT = """
From: Works council <council@quillon-foods.example>
To: Dana Jones <djones@harlow-finch.example>
Subject: Complaint about the night shift at the Marrow Lane bakery
Date: Mon, 12 Oct 2026 06:58:00 +0100

Dear Ms Jones,

The management has told us that you are to look into the complaint, and that we may write to you directly.

For four weeks the night shift at Marrow Lane has been run with six people in place of eight. Breaks were
written down as taken when they were not. Two of our colleagues who said so were moved to the packing line
within days. We do not believe in a coincidence.

The rota as it was printed, and as it was worked, is attached. The second was kept by hand by a colleague
whose name we would rather not give yet.

For the works council,
J. Abara
"""

ROTA_MAIL = """
Night | Printed | Worked | Breaks written down | Breaks taken
2026-09-14 | 8 | 6 | 8 | 2
2026-09-15 | 8 | 6 | 8 | 1
2026-09-16 | 8 | 7 | 8 | 4
2026-09-17 | 8 | 6 | 8 | 0
2026-09-18 | 8 | 6 | 8 | 3
"""

COMPLAINT_NOTE = """
# Statement of the works council
We ask that the inquiry hear all eight members of the shift, and that it do so away from the bakery. We ask further
that nobody be moved to other work until it is over.

Both requests were made to the manager of the site on 5 October. He answered that it was for him to say who works
where, and that the shift was at full strength.
"""

REPORT = """
@ Harlow Finch LLP - confidential
# Report of the inquiry at Marrow Lane
## 1. What we were asked
The board of Quillon Foods asked us to find out whether breaks on the night shift were recorded that were not taken,
who knew of it, and whether two employees were moved because they had complained.

## 2. What we did
We heard eleven persons, each alone. We compared the rota with the records of the door and of the ovens.

## 3. What we found
The door shows that on 17 of 20 nights no more than six persons were in the hall. The ovens were opened at times at
which, by the record of breaks, nobody was at work. The breaks were entered by the shift leader, in one go, at the end
of each week. He said that he was told to do so "as always", and did not say by whom.

## 4. The two transfers
They were decided by the manager of the site on the day after the complaint. He gave as his reason a shortage in
packing. The plan of that week shows none.

## 5. Conclusions
- The records of breaks are not correct, and have not been since at least August.
- The transfers were made because of the complaint. They should be reversed.
- We have not found that anybody above the manager of the site knew.
"""

INTERVIEW = """
Interview, first part, 50 minutes
Present: the shift leader, a member of the works council at his wish, Dana Jones (notes)

Has led the night shift for six years. Before that baker, on the same shift.

Who draws up the rota?        The office. He gets it on Thursdays by e-mail.
Who writes down the breaks?   He does. On Fridays, for the whole week.
From what?                    "From the rota. It says when the breaks are."
Were they taken?              Pause. "When there are eight of us, yes."
And with six?                 "Somebody must be at the ovens. You can see that for yourself."
Did he tell anyone?           The manager, in August, in the yard. Nobody else was there.
What was the answer?          "That it will be better after the holidays."

He asked for a copy of these notes. Agreed. Second part next Tuesday.
"""

ROTA = """
# Weeks
Week | Nights | Planned | Worked | Missing
38 | 5 | 40 | 31 | =C2-D2
39 | 5 | 40 | 30 | =C3-D3
40 | 5 | 40 | 32 | =C4-D4
41 | 5 | 40 | 30 | =C5-D5
Total | =SUM(B2:B5) | =SUM(C2:C5) | =SUM(D2:D5) | =SUM(E2:E5)
# Breaks
Week | Owed, hours | Taken, hours | To be paid at GBP 14.20
38 | 20.00 | 6.50 | =(B2-C2)*14.2
39 | 20.00 | 5.00 | =(B3-C3)*14.2
40 | 20.00 | 8.25 | =(B4-C4)*14.2
41 | 20.00 | 4.75 | =(B5-C5)*14.2
"""
