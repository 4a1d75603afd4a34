"""How long codes and tokens of apps live."""

from datetime import timedelta

CODE_LIFE = timedelta(seconds=60)
ACCESS_LIFE = timedelta(minutes=15)
REFRESH_LIFE = timedelta(days=60)
LEEWAY = timedelta(seconds=30)
"""So long a refresh token gives further pairs: clients refresh twice at once."""
IN_FLIGHT = timedelta(seconds=60)
"""So long an access token lives on when a newer one was given in its place."""
REMEMBERED = timedelta(minutes=10)
"""So long a used code is known for one."""
