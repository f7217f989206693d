"""One environment: pyproject.toml says what is needed, the lock decides, environment.yml repeats."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib

import evdose
from evdose.documents import read_yaml
from places import PROJECT

LOCK = (PROJECT / "requirements.lock").read_text(encoding="utf-8")


def test_environment_and_lock_agree():
    made = subprocess.run(
        [sys.executable, ".ci/environment.py", "requirements.lock"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert made == (PROJECT / "environment.yml").read_text(encoding="utf-8")


def test_lock_holds_every_library_that_the_project_names():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    names = {re.match(r"[A-Za-z0-9_-]+", requirement)[0].lower().replace("_", "-") for requirement in wanted}
    locked = set(re.findall(r"^([a-z0-9._-]+)==", LOCK, re.MULTILINE))
    assert names <= locked


def test_every_version_is_pinned_by_hash_and_no_address_is_named():
    pins = re.findall(r"^[a-z0-9._-]+==.*?(?=^[a-z]|\Z)", LOCK, re.MULTILINE | re.DOTALL)
    assert len(pins) > 50
    assert all("--hash=sha256:" in pin for pin in pins)
    assert "http" not in LOCK


def test_lock_holds_the_build_backend():
    backend = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))["build-system"][
        "requires"
    ]
    assert all(re.search(rf"^{name}==", LOCK, re.MULTILINE) for name in backend)


def test_one_version_of_the_software_everywhere():
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text(encoding="utf-8"))
    cited = re.search(
        r"^version: (.+)$", (PROJECT / "CITATION.cff").read_text(encoding="utf-8"), re.MULTILINE
    )
    newest = re.search(r"^## (\S+)", (PROJECT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert project["project"]["version"] == evdose.__version__ == cited[1] == newest[1]


def test_config_and_claims_give_the_review_the_same_number_of_trials():
    claims = read_yaml(PROJECT / "seeds/claims.yaml").data["claims"]
    (counted,) = [claim["value"] for claim in claims if claim["analysis"] == "trials_included"]
    assert int(counted) == read_yaml(PROJECT / "config/config.yaml").data["review"]["trials"]
