"""The digest of a script's code changes with what it imports, and with nothing else."""

from __future__ import annotations

import subprocess
import sys

import pytest

from places import PROJECT

STAGE = {
    "scripts/evdose/__init__.py": "",
    "scripts/evdose/base.py": "X = 1\n",
    "scripts/evdose/a/__init__.py": "",
    "scripts/evdose/a/used.py": "from evdose import base\n",
    "scripts/evdose/a/unused.py": "Y = 2\n",
    "scripts/evdose/b/__init__.py": "",
    "scripts/evdose/b/page.py": "def f():\n    import evdose.a.used\n",
    "scripts/evdose/b/templates/page.html": "<p>",
    "scripts/one.py": "from evdose.a.used import base\n",
    "scripts/two.py": "from evdose.b import page\n",
    "lock": "numpy==1\n",
}


@pytest.fixture
def tree(tmp_path):
    for name, text in STAGE.items():
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tmp_path


def digests(tree):
    """Digests of both scripts, from a new process (the module keeps what it read)."""
    code = (
        "import sys; from pathlib import Path; from evdose.code_digest import code_digest as d;"
        "t = Path(sys.argv[1]); print(d(t/'scripts/one.py', t/'lock'), d(t/'scripts/two.py', t/'lock'))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", code, str(tree)],
        env={"PYTHONPATH": str(PROJECT / "scripts")},
        capture_output=True,
        text=True,
        check=True,
    )
    return ran.stdout.split()


@pytest.mark.parametrize(
    ("changed", "one", "two"),
    [
        ("scripts/evdose/a/used.py", True, True),
        ("scripts/evdose/base.py", True, True),
        ("scripts/evdose/a/unused.py", False, False),
        ("scripts/evdose/b/page.py", False, True),
        ("scripts/evdose/b/templates/page.html", False, True),
        ("scripts/one.py", True, False),
        ("lock", True, True),
    ],
)
def test_it_changes_with_what_the_script_runs(tree, changed, one, two):
    before = digests(tree)
    path = tree / changed
    path.write_text(path.read_text(encoding="utf-8") + "\n# changed", encoding="utf-8")
    after = digests(tree)
    assert [a != b for a, b in zip(before, after, strict=True)] == [one, two]
