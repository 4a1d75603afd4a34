"""How the tests of connectors search: no time limits, for they measure the machine."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "connectors", deadline=None, suppress_health_check=[HealthCheck.too_slow], max_examples=60
)
settings.load_profile("connectors")
