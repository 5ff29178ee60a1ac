"""Start ministack with our shims; runs in the engine's own interpreter (`.local/engine/bin/python -m …`)."""

import importlib

from tests.devstack import shims


def main() -> None:
    """Patch what the shims patch, or fail, before anything of ministack is imported."""
    shims.install()
    importlib.import_module("ministack.app").main()


if __name__ == "__main__":
    main()
