"""How drawn examples are run here: a busy machine takes its time, and a slow example is no failing one."""

from hypothesis import HealthCheck, settings

settings.register_profile("busy machine", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("busy machine")
