"""Make the virtual environment and install requirements.txt into it, once for each content of that file.

Runs under the system's Python 3.11 or newer and uses nothing but its standard library: `python3 deploy/install.py`.
"""

import fcntl
import hashlib
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements.txt"
STAMP = VENV / "installed"


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def wanted() -> str:
    """What must be installed, as one line: the requirements, for this version of Python, at this place."""
    content = hashlib.sha256(REQUIREMENTS.read_bytes()).hexdigest()
    return f"{content} {sys.version_info.major}.{sys.version_info.minor} {VENV}\n"


def works() -> bool:
    """Whether the environment has a Python that starts, with pip. After an interrupted set-up it has not."""
    command = [PYTHON, "-c", "import pip, sys; sys.exit(sys.prefix == sys.base_prefix)"]
    return PYTHON.exists() and subprocess.run(command, stderr=subprocess.DEVNULL, check=False).returncode == 0


def main() -> None:
    if sys.version_info < (3, 11):  # noqa: UP036  (this script meets older ones)
        sys.exit("parkparty needs Python 3.11 or newer")
    with open(ROOT / ".install.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if works() and STAMP.exists() and STAMP.read_text() == wanted():
            return
        if not works():
            say(f"Making {VENV} with Python {sys.version.split()[0]}")
            venv.create(VENV, clear=VENV.exists(), with_pip=True)
        say("Installing requirements.txt (a few minutes the first time)")
        STAMP.unlink(missing_ok=True)
        pip = [PYTHON, "-m", "pip", "--disable-pip-version-check", "--no-input", "install", "--quiet"]
        code = subprocess.run([*pip, "--root-user-action=ignore", "-r", REQUIREMENTS], cwd=ROOT, check=False).returncode
        if code:
            sys.exit("requirements.txt could not be installed; pip says why above")
        STAMP.write_text(wanted())


if __name__ == "__main__":
    main()
