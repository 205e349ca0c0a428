"""The address of an S3 store, the way there, and what its failures mean."""

from __future__ import annotations

import logging

import pytest
from obstore.exceptions import GenericError, PermissionDeniedError

from tui.rules.errors import InvalidValue
from tui.server.blobs import StoreAway
from tui.server.blobs.s3.address import StoreAddress, endpoint_of, parse_store
from tui.server.blobs.s3.failures import StoreOutage, failure_of


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("s3://documents", StoreAddress("documents", "")),
        ("s3://documents/", StoreAddress("documents", "")),
        ("s3://my.bucket-1/firm/a_b", StoreAddress("my.bucket-1", "firm/a_b")),
        ("s3://documents/firm/", StoreAddress("documents", "firm")),
    ],
)
def test_addresses(url: str, address: StoreAddress) -> None:
    assert parse_store(url) == address
    assert parse_store(address.url) == address


@pytest.mark.parametrize(
    "url",
    [
        "", "documents", "s3:", "s3://", "s3://d", "S3://documents", "s3:/documents", "https://documents", "gs://documents",
        "s3://Documents", "s3://documents//firm", "s3://documents/..", "s3://documents/a/./b", "s3://documents/a b",
        "s3://documents/a?b", "s3://documents/a#b", "s3://documents/ä", "s3://me:secret@documents", "s3://documents:9/a",
    ],
)  # fmt: skip
def test_no_addresses(url: str) -> None:
    with pytest.raises(InvalidValue, match="isn't a store of documents"):
        parse_store(url)


@pytest.mark.parametrize(
    ("environ", "endpoint"),
    [
        ({}, None),
        ({"AWS_ENDPOINT_URL": ""}, None),
        ({"AWS_ENDPOINT_URL": "https://s3.firm.example/"}, "https://s3.firm.example"),
        ({"AWS_ENDPOINT_URL_S3": "https://a", "AWS_ENDPOINT_URL": "https://b"}, "https://a"),
        ({"AWS_ENDPOINT": "http://127.0.0.1:9000"}, "http://127.0.0.1:9000"),
        ({"AWS_ENDPOINT": "http://[::1]:9000"}, "http://[::1]:9000"),
        ({"AWS_ENDPOINT": "http://localhost:9000"}, "http://localhost:9000"),
        ({"AWS_ENDPOINT": "http://10.0.0.1:9000", "AWS_ALLOW_HTTP": "true"}, "http://10.0.0.1:9000"),
    ],
)
def test_endpoints(environ: dict[str, str], endpoint: str | None) -> None:
    assert endpoint_of(environ) == endpoint


@pytest.mark.parametrize("host", ["10.0.0.1", "s3.firm.example", "localhost.firm.example", "0.0.0.0"])
def test_plain_http_to_other_machines_is_refused(host: str) -> None:
    for allowed in ({}, {"AWS_ALLOW_HTTP": "false"}, {"AWS_ALLOW_HTTP": ""}):
        with pytest.raises(InvalidValue, match="plain HTTP"):
            endpoint_of({"AWS_ENDPOINT_URL": f"http://{host}:9000", **allowed})


@pytest.mark.parametrize(
    "endpoint", ["s3.firm.example", "ftp://s3", "https://me:pw@s3", "https://s3?a=b", "http://[x"]
)
def test_no_endpoints(endpoint: str) -> None:
    with pytest.raises(InvalidValue, match="AWS_ENDPOINT_URL must be an address"):
        endpoint_of({"AWS_ENDPOINT_URL": endpoint})


@pytest.mark.parametrize(
    ("error", "words", "refuses"),
    [
        (GenericError("status code: 503 ...<Code>SlowDown</Code>"), "can't be reached (SlowDown)", False),
        (GenericError("... status code: 502 Bad Gateway"), "can't be reached (status 502)", False),
        (GenericError("HTTP error: error sending request"), "can't be reached (no answer)", False),
        (GenericError("status code: 400 <Code>ExpiredToken</Code>"), "credentials (ExpiredToken)", True),
        (PermissionDeniedError("status code: 403 Forbidden: "), "refuses the server's credentials", True),
        (FileNotFoundError("... <Code>NoSuchBucket</Code>"), "no such bucket", True),
        (
            GenericError("status code: 507 ...<Code>XMinioStorageFull</Code>"),
            "no room (XMinioStorageFull)",
            False,
        ),
        (GenericError("... status code: 507 Insufficient Storage"), "no room (status 507)", False),
        (
            PermissionDeniedError("status code: 403 <Code>QuotaExceeded</Code>"),
            "no room (QuotaExceeded)",
            False,
        ),
        (GenericError("PUT http://169.254.169.254/latest/api/token"), "has no credentials", True),
    ],
)
def test_failures(error: Exception, words: str, refuses: bool) -> None:
    failure = failure_of(error)
    assert words in failure.why
    assert (failure.refuses, failure.http_status) == (refuses, 503)
    assert failure.retry_after
    # What everyone is told names neither bucket nor key.
    assert failure.message == "The server's documents can't be reached now; try again shortly."


def test_an_outage_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever each of the requests meanwhile says; and anew when someone has to do something."""
    caplog.set_level(logging.INFO, "sentlinks")
    outage = StoreOutage()
    for why in ("status 503", "SlowDown", "status 503"):
        outage.begin(StoreAway(why))
    assert outage.is_on
    outage.begin(StoreAway("credentials", refuses=True))
    outage.end()
    outage.end()
    said = [record.getMessage().rpartition(": ")[2] for record in caplog.records]
    assert said == ["status 503", "credentials", "documents can be read and stored again"]
