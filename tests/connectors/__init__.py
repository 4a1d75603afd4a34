"""Tests of connectors. The suites that they inherit show what was compared, as tests do."""

import pytest

pytest.register_assert_rewrite("tests.connectors.conformance", "tests.connectors.replay")
