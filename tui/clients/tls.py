"""TLS of the connections to servers, the proxies on the way to them, and why a server can't be reached."""

from __future__ import annotations

import os
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import getproxies, proxy_bypass

import httpx

from ..rules.errors import InvalidValue
from ..rules.text import printable

#: X509_V_ERR_… of OpenSSL.
_NOT_YET_VALID, _EXPIRED, _OTHER_NAMES = 9, 10, (62, 64)
#: What OpenSSL says of a server that answers with something else than TLS, and of one that knows none of our versions.
_NO_TLS = ("wrong_version_number", "record_layer_failure", "http_request", "packet_length_too_long")
_OLD_TLS = ("protocol_version", "unsupported_protocol")
_MOST_PORT = 65535


def trusting_context() -> ssl.SSLContext:
    """The context of all connections to servers: it trusts whom ``SSL_CERT_FILE`` and ``SSL_CERT_DIR`` name, else whom
    this machine trusts; where that is nobody, whom httpx does.

    Raises :class:`InvalidValue` if what these variables name can't be read.
    """
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    try:
        if file or folder:
            if folder:
                os.scandir(folder).close()
            return ssl.create_default_context(cafile=file or None, capath=folder or None)
    except OSError as error:
        # Of text that holds no certificate, there is more to read in it than to say.
        why = "it has no certificate" if isinstance(error, ssl.SSLError) else error.strerror
        name, path = ("SSL_CERT_FILE", file) if file else ("SSL_CERT_DIR", folder)
        raise InvalidValue(
            "certificates.unreadable",
            f"{name} names {printable(path or '')}, which can't be used: {why}. Correct or unset it.",
        ) from error
    return ssl.create_default_context() if _has_authorities() else httpx.create_ssl_context(trust_env=False)


def _has_authorities() -> bool:
    paths = ssl.get_default_verify_paths()
    if paths.cafile or not paths.capath:
        return bool(paths.cafile)
    try:
        return any(Path(paths.capath).iterdir())
    except OSError:
        return False


@contextmanager
def usable_proxies() -> Iterator[None]:
    """Context in which a client takes the proxies that the environment names. Raises :class:`InvalidValue` if it can't
    use one."""
    try:
        _check_proxies()
        yield
    except ImportError as error:
        raise _unusable("SOCKS proxies aren't supported; name an http:// proxy") from error
    except (ValueError, httpx.InvalidURL) as error:
        # Not what it is: it may have a password.
        raise _unusable(
            "it isn't the address of a proxy; write one like http://proxy.example.com:3128"
        ) from error


def _check_proxies() -> None:
    """Raise what httpx raises, or ``ValueError``: it would find out only when it connects, and in its own way."""
    found = getproxies()
    for text in filter(None, map(found.get, ("http", "https", "all"))):
        url = httpx.URL(text if "://" in text else f"http://{text}")
        if not url.host or (url.port or 0) > _MOST_PORT:
            raise ValueError


def proxy_for(url: httpx.URL) -> str | None:
    """The address of the proxy through which ``url`` is reached, without a password; ``None`` if there is none."""
    found = getproxies()
    text = found.get(url.scheme) or found.get("all")
    if not text or proxy_bypass(url.host):
        return None
    proxy = httpx.URL(text if "://" in text else f"http://{text}")
    return printable(f"{proxy.scheme}://{proxy.netloc.decode('ascii', 'replace')}")


def _unusable(why: str) -> InvalidValue:
    return InvalidValue(
        "proxy.unusable",
        f"The proxy that HTTPS_PROXY, HTTP_PROXY or ALL_PROXY names can't be used: {why}. What NO_PROXY names is "
        "reached without.",
    )


def why_no_tls(server: str, error: BaseException) -> str | None:
    """Why there is no connection with TLS to ``server``, as a sentence; ``None`` if it failed otherwise."""
    cause = _cause(error)
    if cause is None:
        return None
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"The certificate of {server} {_why_refused(cause)}"
    reason = (cause.reason or "").lower()
    if any(text in reason for text in _OLD_TLS):
        return f"{server} speaks only outdated versions of TLS; its administrator must allow 1.2 or later."
    if not reason or any(text in reason for text in _NO_TLS):
        return f"{server} does not speak TLS, as https:// needs; check the address."
    return f"There is no connection with TLS to {server}: {reason.replace('_', ' ')}. Check the address."


def _cause(error: BaseException | None) -> ssl.SSLError | None:
    while error is not None and not isinstance(error, ssl.SSLError):
        error = error.__cause__ or error.__context__
    return error


def _why_refused(error: ssl.SSLCertVerificationError) -> str:
    if error.verify_code == _EXPIRED:
        return "has expired; the server's administrator must renew it."
    if error.verify_code == _NOT_YET_VALID:
        return "isn't valid yet; check this machine's clock."
    if error.verify_code in _OTHER_NAMES:
        return "is for another name; check the address."
    why = printable(error.verify_message or "").rstrip(".")
    return f"is not trusted ({why}); check the address, or name the file of its authority in SSL_CERT_FILE."
