"""Run all simulators in one process until SIGTERM or SIGINT."""

import argparse
import json
import signal
import threading
from pathlib import Path

from tests.simulators.suite import Simulators


def main() -> None:
    """Start, write the base URLs to the ports file, wait for a signal, stop."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulators", description=__doc__)
    parser.add_argument("--state-dir", type=Path, required=True, help="where keys and merchant.json are kept")
    parser.add_argument("--ports-file", type=Path, required=True, help="written when all servers listen")
    parser.add_argument("--wechat-pay-port", type=int, default=0)
    parser.add_argument("--mini-program-port", type=int, default=0)
    parser.add_argument("--oidc-port", type=int, default=0)
    parser.add_argument("--bank-port", type=int, default=0)
    parser.add_argument("--insurer-port", type=int, default=0)
    parser.add_argument("--fiscal-port", type=int, default=0)
    parser.add_argument("--tax-port", type=int, default=0)
    options = parser.parse_args()

    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())

    with Simulators(
        options.state_dir,
        wechat_pay_port=options.wechat_pay_port,
        mini_program_port=options.mini_program_port,
        oidc_port=options.oidc_port,
        bank_port=options.bank_port,
        insurer_port=options.insurer_port,
        fiscal_port=options.fiscal_port,
        tax_port=options.tax_port,
    ) as simulators:
        write_ports(options.ports_file, simulators.base_urls)
        stopped.wait()


def write_ports(ports_file: Path, base_urls: dict[str, str]) -> None:
    """Write the file whole, so that a reader who sees it can use it."""
    ports_file.parent.mkdir(parents=True, exist_ok=True)
    partial = ports_file.with_name(ports_file.name + ".partial")
    partial.write_text(json.dumps(base_urls, indent=2) + "\n", encoding="utf-8")
    partial.replace(ports_file)


if __name__ == "__main__":
    main()
