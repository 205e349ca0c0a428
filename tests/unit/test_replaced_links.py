"""What is said of links that new ones have replaced."""

from __future__ import annotations

import pytest

from tests.support.app.items import sent
from tui.sending.stopped_links import replaced_text

URL = "https://links.example/s/old"


def test_the_old_link_is_named_with_whom_it_was_for() -> None:
    for recipients, to in (([], ""), (["anna@example.com"], ", for anna@example.com,")):
        said = replaced_text([sent(recipients=recipients, url=URL)])
        assert said == f"The old link of “Offer.pdf”{to} no longer works ({URL})."
        without = replaced_text([sent(recipients=recipients, url=URL)], address=False)
        assert without == f"The old link of “Offer.pdf”{to} no longer works."


@pytest.mark.parametrize(
    ("count", "said"),
    [
        (2, "2 old links no longer work: “0.pdf”, “1.pdf”."),
        (3, "3 old links no longer work: “0.pdf”, “1.pdf”, “2.pdf”."),
        (4, "4 old links no longer work: “0.pdf”, “1.pdf”, “2.pdf” and 1 more."),
        (1003, "1,003 old links no longer work: “0.pdf”, “1.pdf”, “2.pdf” and 1,000 more."),
    ],
)
def test_of_many_old_links_a_few_are_named(count: int, said: str) -> None:
    assert replaced_text([sent(name=f"{number}.pdf") for number in range(count)]) == said
