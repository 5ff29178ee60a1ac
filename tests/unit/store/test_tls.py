"""Whom a connection trusts: authorities of the system, for exactly the host that was asked for."""

import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Thread

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from daycover import wire
from daycover.wire import NotConnectedError, Patience, exchange, new_pool

pytestmark = pytest.mark.allow_hosts(["127.0.0.1", "::1"])

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nConnection: close\r\n\r\nok"


def a_certificate(folder: Path, host: str) -> Path:
    """Its key and the certificate that it signed itself, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, host)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + certificate.public_bytes(serialization.Encoding.PEM)
    )
    return file


@contextmanager
def a_server(certificate: Path) -> Iterator[str]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with socket.create_server(("127.0.0.1", 0)) as listening:
        listening.settimeout(5)

        def serve() -> None:
            connection, _ = listening.accept()
            try:
                with context.wrap_socket(connection, server_side=True) as secured:
                    secured.recv(65536)
                    secured.sendall(ANSWER)
            except OSError:
                connection.close()  # the caller did not trust us

        thread = Thread(target=serve, daemon=True)
        thread.start()
        yield f"https://localhost:{listening.getsockname()[1]}"
        thread.join(5)


@pytest.mark.parametrize(
    ("host", "is_known", "is_trusted"),
    [("localhost", True, True), ("localhost", False, False), ("somebody.example", True, False)],
)
def test_server_is_trusted_when_known_and_the_one_asked_for(
    host: str, is_known: bool, is_trusted: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    certificate = a_certificate(tmp_path, host)
    if is_known:  # by the system: OpenSSL reads its authorities from there
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    wire._trust.cache_clear()
    try:
        with a_server(certificate) as url:
            pool = new_pool(url)
            if is_trusted:
                assert fetch(pool, url) == b"ok"
            else:
                with pytest.raises(NotConnectedError, match="certificate"):
                    fetch(pool, url)
    finally:
        wire._trust.cache_clear()


def fetch(pool: wire.Pool, url: str) -> bytes:
    patience = Patience(connect=2, read=2)
    return exchange(pool, "GET", url, headers={}, body=None, patience=patience).data
