"""What the rules share: the checked config, the lists of files, the digest of each script's code."""

import json
import os
import platform
import sys
from pathlib import Path

SCRIPTS = Path(workflow.basedir).parent / "scripts"
sys.path.insert(0, str(SCRIPTS))

from evdose.code_digest import code_digest
from evdose.errors import InputError
from evdose.settings import check_config
from snakemake.exceptions import WorkflowError

# The same bytes on every machine of one kind: one BLAS thread, one BLAS kernel, no window system.
os.environ.update(OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", MPLBACKEND="Agg")
if platform.machine() in {"x86_64", "AMD64"}:
    os.environ.update(OPENBLAS_CORETYPE="Haswell")
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
# The package beside the scripts, not one that happens to be installed.
os.environ.update(PYTHONPATH=os.pathsep.join([str(SCRIPTS), *filter(None, [os.environ.get("PYTHONPATH")])]))

CONFIG = "config/config.yaml"
LOCK = "requirements.lock"
SCHEMAS = expand(
    "workflow/schemas/{name}.schema.json", name=["trial", "outcomes", "claims", "config", "eligibility"]
)
RELEASE = Path("build/release.json")
SUMMARY = Path("build/summary.txt")

FIGURES = [
    "prisma",
    "registrations",
    "route_by_condition",
    "phase_and_country",
    "cell_source_by_year",
    "dose_landscape",
    "effect_direction",
    "dose_safety",
    "forest",
]
RECORDS = [
    "sources",
    "trials",
    "arms",
    "outcomes",
    "conflicts",
    "quarantine",
    "claims",
    "registration_date_check",
]
DOSING = ["doses", "routes", "conversions"]
SCREENING = ["screening", "prisma", "studies", "eligibility_switches"]
EFFECTS = ["effects", "safety", "effect_direction", "synthesis"]
LANDSCAPE = ["route_shift", "registrations", "trends", "effective_range"]
SHARED_TABLES = [name for name in RECORDS + DOSING if name != "claims"]
SCENARIO_TABLES = SCREENING + EFFECTS + LANDSCAPE + ["claims", "trials", "doses", "routes", "outcomes"]


def checked(config):
    """The config with dates as text, or an error that names the key."""
    try:
        return check_config(config, CONFIG)
    except InputError as error:
        raise WorkflowError(f"evdose can't use its config:\n{error}") from None


def files_of(pattern):
    """Files that match a pattern of the config, in a stable order."""
    return sorted(str(path) for path in Path().glob(pattern))


def code_of(script):
    """Digest of the code that a script runs: a changed module reruns the rules that import it."""
    return code_digest(SCRIPTS / script, SCRIPTS.parent / LOCK)


def drop_stale_stamp():
    """Forget the release stamp when the release that it names is gone, so that it is made again."""
    try:
        named = Path("results", json.loads(RELEASE.read_text(encoding="utf-8"))["folder"])
    except (OSError, ValueError, KeyError):
        named = None
    if named is None or not named.is_dir():
        RELEASE.unlink(missing_ok=True)


_checked = checked(config)
config.clear()
config.update(_checked)
drop_stale_stamp()

CARDS = files_of(config["sources"]["trial_cards"])
STUDIES = files_of(config["sources"]["outcome_studies"])
VOCABULARIES = sorted(config["vocabularies"].values())
SCENARIOS = list(config["scenarios"])


wildcard_constraints:
    scenario="|".join(SCENARIOS),
