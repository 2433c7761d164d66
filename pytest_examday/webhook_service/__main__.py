"""Runs the webhook service: `python -m pytest_examday.webhook_service`."""

import sys

from pytest_examday.webhook_service.cli import main

if __name__ == "__main__":
    sys.exit(main())
