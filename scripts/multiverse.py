"""Recipe of rule multiverse: what defensible choices and uncertain doses do to the estimates."""

from evdose.dosing.tables import DOSE_SENSITIVITY, DOSES, ROUTES
from evdose.modelling import tables
from evdose.modelling.dose_groups import dose_groups
from evdose.modelling.landscape import included_trials
from evdose.modelling.multiverse import multiverse
from evdose.modelling.uncertain_doses import uncertain_doses
from evdose.recipe import running
from evdose.records.tables import ARMS, TRIALS
from evdose.screening.tables import SCREENING
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    given, asked, made = snakemake.input, snakemake.params, snakemake.output
    trials, arms = read_table(given.trials, TRIALS), read_table(given.arms, ARMS)
    doses, routes = read_table(given.doses, DOSES), read_table(given.routes, ROUTES)
    assumed = read_table(given.dose_sensitivity, DOSE_SENSITIVITY)
    screening = read_table(given.screening, SCREENING)
    effects = read_table(given.effects, tables.EFFECTS)
    tried = read_table(given.tried_arms, tables.TRIED_ARMS)

    included = included_trials(trials, screening)
    groups = dose_groups(effects, tried)
    choices = multiverse(included, arms, doses, routes, assumed, effects, asked.models)
    uncertain = uncertain_doses(tried, groups, doses, asked.models, asked.seed)

    write_table(choices, tables.MULTIVERSE, made.multiverse)
    write_table(uncertain, tables.UNCERTAIN_DOSES, made.uncertain_doses)

    for name, frame in (("specifications", choices), ("estimates over imputed doses", uncertain)):
        run.say(f"{(frame['status'] == tables.ESTIMATED).sum()} of {len(frame)} {name} can be estimated")
