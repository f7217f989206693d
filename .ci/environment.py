"""Print environment.yml for conda: Python and pip, then every library as the lock decides."""

import re
import sys
from pathlib import Path

PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^ \\;]+)(?: ; (?P<marker>[^\\]+))?")
HEAD = """\
# Made by `make lock` from requirements.lock; a test says that the two agree.
name: evdose
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.11
  - pip
  - pip:
"""


def environment(lock: str) -> str:
    """The text of environment.yml for the text of a lock."""
    pins = (PIN.match(line) for line in lock.splitlines())
    lines = (
        f'      - "{pin["name"]}=={pin["version"]}'
        + (f" ; {pin['marker'].strip()}" if pin["marker"] else "").replace('"', "'")
        + '"\n'
        for pin in pins
        if pin
    )
    return HEAD + "".join(lines)


if __name__ == "__main__":
    sys.stdout.write(environment(Path(sys.argv[1]).read_text(encoding="utf-8")))
