"""What the rules share: the checked config, the lists of files, the digest of each script's code."""

import json
import os
import platform
import sys
from pathlib import Path

SCRIPTS = Path(workflow.basedir).parent / "scripts"
sys.path.insert(0, str(SCRIPTS))

from evdose.code_digest import code_digest
from evdose.documents import read_yaml
from evdose.errors import InputError
from evdose.folder_lock import take_over
from evdose.settings import check_config, files_of

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
    "workflow/schemas/{name}.schema.json",
    name=["trial", "outcomes", "claims", "config", "eligibility", "conversions", "routes", "wording"],
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
    "albatross",
    "dose_safety",
    "forest",
    "dose_outcome",
    "effective_range",
    "specification_curve",
    "power_curves",
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
DOSING = ["doses", "routes", "conversions", "dose_sensitivity", "overrides"]
SCREENING = ["screening", "prisma", "studies", "eligibility_switches"]
EFFECTS = ["effects", "safety", "effect_direction", "synthesis"]
LANDSCAPE = ["tried_arms", "route_shift", "registrations", "trends", "conversion_use"]
DOSE_RESPONSE = ["dose_response", "dose_response_curve", "mcp_mod", "effective_range"]
CHOICES = ["multiverse", "uncertain_doses"]
MODELLING = EFFECTS + LANDSCAPE + DOSE_RESPONSE + CHOICES + ["power", "claims"]
SHARED_TABLES = [name for name in RECORDS + DOSING if name != "claims"]
SCENARIO_TABLES = SCREENING + MODELLING + ["trials", "doses", "routes", "outcomes"]


def told(read, *arguments, **options):
    """What ``read`` returns; where the input can't be used, the end of the run with nothing but the message."""
    try:
        return read(*arguments, **options)
    except InputError as error:
        sys.exit(f"evdose can't use its input:\n{error}")


def code_of(script):
    """Digest of the code that a script runs: a changed module reruns the rules that import it."""
    return code_digest(SCRIPTS / script, SCRIPTS.parent / LOCK)


def written(path):
    """When a file was last written, or None where there is none."""
    return path.stat().st_mtime_ns if path.is_file() else None


def drop_stale_stamp():
    """Forget the release stamp when the release that it names is gone, so that it is made again."""
    try:
        named = Path("results", json.loads(RELEASE.read_text(encoding="utf-8"))["folder"])
    except (OSError, ValueError, KeyError):
        named = None
    if named is None or not named.is_dir():
        RELEASE.unlink(missing_ok=True)


if workflow.is_main_process:
    FOLDER_LOCK = take_over(Path(".snakemake"))

# Before Snakemake reads it: its messages on a file that isn't YAML, or a day that doesn't exist, name no line.
if Path(CONFIG).is_file():
    told(check_config, told(read_yaml, CONFIG).data, CONFIG)


configfile: CONFIG


_checked = told(check_config, config, CONFIG)
config.clear()
config.update(_checked)
drop_stale_stamp()
SUMMARY_BEFORE = written(SUMMARY)

CARDS = told(files_of, config, "trial_cards", at_least=1)
STUDIES = told(files_of, config, "outcome_studies")
VOCABULARIES = sorted(config["vocabularies"].values())
SCENARIOS = list(config["scenarios"])


wildcard_constraints:
    scenario="|".join(SCENARIOS),
