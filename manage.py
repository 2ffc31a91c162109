#!/usr/bin/env python
"""Command line of parkparty. Commands that need the database start the embedded services first."""

import os
import sys

# Commands that never touch the database: they must work with nothing running.
WITHOUT_SERVICES = {
    "check",
    "collectstatic",
    "compilemessages",
    "diffsettings",
    "help",
    "makemessages",
    "services",
    "spectacular",
    "startapp",
    "version",
    "--help",
    "--version",
    "-h",
}


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "parkparty.settings")
    from django.core.management import execute_from_command_line

    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command not in WITHOUT_SERVICES and "--help" not in sys.argv:
        from parkparty import embedded

        try:
            embedded.ensure()
        except embedded.ServiceError as error:
            sys.exit(f"parkparty: {error}")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
