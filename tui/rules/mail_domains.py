"""Domains of e-mail addresses: as people read them, which firm they belong to, and which offer free mail."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from .addresses import mailbox_of, split_address

#: Parts of a top-level domain below which firms have their names, as in ``firm.co.uk``.
_SECOND_LEVEL = frozenset(
    ("ac", "co", "com", "edu", "gob", "gov", "gouv", "ltd", "me", "ne", "net", "nom", "or", "org", "plc")
)
#: Large providers with the same name in many countries.
_FAMILIES: Final = {
    "gmx": "at biz ch co.uk com de es eu fr info it name net org tm us",
    "hotmail": "be ca ch co.id co.il co.jp co.uk co.za com com.ar com.au com.br com.tr cz de dk es fi fr gr it nl "
    "no se",
    "live": "at be ca ch cl cn co.uk co.za com com.ar com.au com.mx com.pt de dk fi fr ie in it jp nl no ru se",
    "outlook": "at be cl co.id co.il co.th com com.ar com.au com.br com.gr com.tr cz de dk es fr hu ie in it jp kr "
    "lv my ph pt sa sg sk",
    "yahoo": "at be ca ch cn co.id co.il co.in co.jp co.kr co.nz co.th co.uk co.za com com.ar com.au com.br com.cn "
    "com.hk com.mx com.ph com.sg com.tr com.tw com.vn de dk es fr gr hu ie in it nl no pl pt ro ru se",
    "yandex": "by com com.tr kz ru ua",
}
#: The others: what the providers themselves list as domains of their private mailboxes, by country.
_PROVIDERS: Final = (
    "gmail.com googlemail.com icloud.com me.com mac.com msn.com passport.com aol.com aim.com rocketmail.com ymail.com "
    "protonmail.com protonmail.ch proton.me pm.me tutanota.com tutanota.de tuta.com tuta.io tutamail.com keemail.me "
    "fastmail.com fastmail.fm hey.com hushmail.com mailfence.com posteo.de posteo.net mailbox.org runbox.com "
    "zohomail.com zohomail.eu mail.com email.com usa.com europe.com inbox.com "
    "web.de email.de freenet.de t-online.de arcor.de mail.de online.de 1und1.de kabelmail.de vodafonemail.de "
    "aon.at chello.at a1.net bluewin.ch hispeed.ch sunrise.ch "
    "orange.fr wanadoo.fr free.fr laposte.net sfr.fr neuf.fr bbox.fr "
    "libero.it virgilio.it tiscali.it alice.it tin.it "
    "telefonica.net terra.es sapo.pt ziggo.nl kpnmail.nl planet.nl telenet.be skynet.be proximus.be "
    "btinternet.com sky.com talktalk.net virginmedia.com ntlworld.com blueyonder.co.uk eircom.net "
    "comcast.net verizon.net att.net sbcglobal.net bellsouth.net cox.net charter.net earthlink.net juno.com rogers.com "
    "shaw.ca sympatico.ca bigpond.com optusnet.com.au xtra.co.nz "
    "mail.ru bk.ru inbox.ru list.ru rambler.ru ukr.net wp.pl o2.pl interia.pl onet.pl seznam.cz centrum.cz "
    "qq.com 163.com 126.com sina.com foxmail.com naver.com hanmail.net daum.net docomo.ne.jp "
    "uol.com.br bol.com.br terra.com.br rediffmail.com walla.co.il"
)
#: Domains where anyone can have a mailbox. There are lists of thousands (HubSpot's, and the packages that copy it), of
#: which many are gone or belong to firms by now: a firm that is called free mail is worse than a provider that is
#: missed.
FREE_MAIL: Final = frozenset(
    (*_PROVIDERS.split(), *(f"{name}.{end}" for name, ends in _FAMILIES.items() for end in ends.split()))
)
#: Those of them that most addresses are at: what is one letter off is mistyped.
COMMON: Final = ("gmail.com", "hotmail.com", "icloud.com", "outlook.com", "yahoo.com")


def domain_of(address: str) -> str:
    """The domain of a valid address, in ASCII and lower case."""
    return mailbox_of(address).rpartition("@")[2]


def canonical(text: str) -> str:
    """A domain as it is looked up: in ASCII and lower case. Raises :class:`InvalidValue` if it can't be one."""
    return split_address(f"a@{text}")[1].rpartition("@")[2].lower()


def readable(domain: str) -> str:
    """A domain in ASCII as people read it: ``xn--mller-kva.example`` is ``müller.example``."""
    if "xn--" not in domain:
        return domain
    return ".".join(map(_readable, domain.split(".")))


def _readable(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    # Hardly any domain needs it.
    import idna

    try:
        return idna.decode(label)
    except UnicodeError:
        # Not what the rules of today permit; the letters still show what it pretends to be.
        try:
            return label.removeprefix("xn--").encode("ascii").decode("punycode")
        except UnicodeError:
            return label


def is_within(domain: str, domains: Iterable[str]) -> bool:
    """Whether a domain is one of ``domains`` or below one of them."""
    return any(domain == each or domain.endswith(f".{each}") for each in domains)


def firm_of(domain: str) -> str:
    """The part of a domain that a firm registers: ``halyard.example`` of ``mail.halyard.example``.

    Without the list of public suffixes, which is 300 kB and changes every week; where that would know better, two
    departments of a firm count as two firms.
    """
    labels = domain.split(".")
    ends = 2 if len(labels) > 2 and len(labels[-1]) == 2 and labels[-2] in _SECOND_LEVEL else 1
    return ".".join(labels[-ends - 1 :])


def firms(domains: Iterable[str], own: Collection[str]) -> list[str]:
    """The firms that domains belong to, in their order, each once: without those of free mail, and without one's
    ``own``."""
    others = (each for each in domains if each not in FREE_MAIL and not is_within(each, own))
    return list(dict.fromkeys(map(firm_of, others)))
