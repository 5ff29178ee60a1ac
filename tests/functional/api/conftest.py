"""The gate with everything that any route needs."""

from tests.functional.certificates.conftest import credentials, gate

__all__ = ["credentials", "gate"]
