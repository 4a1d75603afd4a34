"""Runs the referee and the clients from npm, the long form, and tells what each scenario gave."""

import os
import sys
from pathlib import Path

import pytest

if __name__ == "__main__":
    os.environ |= {"SATCHEL_FULL": "1", "DJANGO_SETTINGS_MODULE": "tests.settings"}
    sys.exit(pytest.main([str(Path(__file__).parent), "-v", "--durations=0", *sys.argv[1:]]))
