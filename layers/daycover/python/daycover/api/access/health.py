"""The answer of the health check."""

from daycover.platform.http import View


class HealthView(View):
    status: str = "ok"
