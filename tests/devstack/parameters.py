"""What the template's parameters are on this machine; the template's own defaults serve the cloud."""

from collections.abc import Mapping
from pathlib import Path

from tests.devstack.ports import Ports
from tests.devstack.template import parameter_names


def local_parameters(template: Path, ports: Ports, simulators: Mapping[str, str]) -> dict[str, str]:
    """Return those of our values that this template has a parameter for."""
    values = {
        "Stage": "test",
        "PublicUrl": f"https://127.0.0.1:{ports.https}",
        # the simulator calls back over http: it has no reason to trust our certificate
        "CallbackUrl": f"http://127.0.0.1:{ports.http}",
        "AccessLogs": "on",
        "UploadOrigin": f"http://127.0.0.1:{ports.engine}",
        "WechatPayUrl": simulators.get("wechat_pay", ""),
        "MiniProgramUrl": simulators.get("mini_program", ""),
        "BankUrl": simulators.get("bank", ""),
        "InsurerUrl": simulators.get("insurer", ""),
        "FiscalPlatformUrl": simulators.get("fiscal", ""),
        "TaxPlatformUrl": simulators.get("tax", ""),
        "ClaimMessageTemplateId": "claim-progress",
        "MachineSampleBps": "0",  # no journey depends on luck
        "OidcIssuer": simulators.get("oidc", ""),
    }
    declared = parameter_names(template)
    return {name: value for name, value in values.items() if name in declared and value}
