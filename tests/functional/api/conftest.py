"""The gate with everything that any route needs."""

from tests.functional.certificates.conftest import gate

__all__ = ["gate"]
