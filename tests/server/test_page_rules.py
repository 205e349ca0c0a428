"""What the server works out for its pages: networks, plain names of files, languages, sizes and waits (S12)."""

from __future__ import annotations

import pytest

from tui.server.http.disposition import ascii_fallback, attachment
from tui.server.http.visitor import network_of
from tui.server.pages.languages import choose, language

ENGLISH = language("en")


class TestRules:
    @pytest.mark.parametrize(
        ("address", "network"),
        [
            ("192.0.2.7", "192.0.2.7/32"),
            ("::ffff:192.0.2.7", "192.0.2.7/32"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
            ("2001:db8:1:2::9", "2001:db8:1:2::/64"),
            ("2001:db8:1:3::9", "2001:db8:1:3::/64"),
            ("fe80::1%eth0", "fe80::/64"),
            (None, "local"),
            ("", "local"),
        ],
    )
    def test_networks(self, address: str | None, network: str) -> None:
        assert network_of(address) == network

    @pytest.mark.parametrize(
        ("name", "fallback"),
        [
            ("Offer.pdf", "Offer.pdf"),
            ("Übersicht ß – “x”.pdf", "Ubersicht ss - 'x'.pdf"),
            ("契約書.pdf", "document.pdf"),
            ("契約書 (2).pdf", "document.pdf"),
            ("2024-03-01.pdf", "2024-03-01.pdf"),
            ("契約 Halyard.pdf", "__ Halyard.pdf"),
            ("100%25 done.pdf", "100_25 done.pdf"),
            ("100% done.pdf", "100% done.pdf"),
            ("a\r\nX: y.pdf", "a__X_ y.pdf"),
            ("：／.pdf", "document.pdf"),
            ("x" * 300 + ".pdf", "x" * 196 + ".pdf"),
            (".bash_profile", "_bash_profile"),
            # Letters with a dot as their plain form, and an accent on nothing before a dot.
            ("．bash_profile", "_bash_profile"),
            ("…bashrc", "_bashrc"),
            ("\u0301.bash.profile", "_bash.profile"),
        ],
    )
    def test_fallback_names(self, name: str, fallback: str) -> None:
        """S12, S34: printable ASCII without quotes, separators or escapes, and no hidden file."""
        assert ascii_fallback(name) == fallback
        assert attachment(name).isascii()
        assert attachment(name).isprintable()

    def test_languages(self) -> None:
        for accepted in (None, "", "en-GB", "xx;q=1, en;q=0.1", "de;q=high", ",;,q=", "*", "q" * 10_000):
            assert choose(accepted) is ENGLISH

    @pytest.mark.parametrize(
        ("size", "written"),
        [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1.0 kB (1,000 bytes)"),
            (1_234_567, "1.2 MB (1,234,567 bytes)"),
            (999_999, "1.0 MB (999,999 bytes)"),
            (48_600_000_000, "49 GB (48,600,000,000 bytes)"),
        ],
    )
    def test_english_sizes(self, size: int, written: str) -> None:
        assert ENGLISH.write_size(size) == written

    def test_english_waits(self) -> None:
        waits = [ENGLISH.write_when(seconds) for seconds in (1, 2, 59, 60, 61, 3600, 3601)]
        assert waits == [
            *("in 1 second", "in 2 seconds", "in 59 seconds", "in 60 seconds", "in 61 seconds"),
            *("in 60 minutes", "in 61 minutes"),
        ]
