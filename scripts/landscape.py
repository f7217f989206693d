"""Recipe of rule landscape: doses by route, conversions behind them, registrations."""

from evdose.dosing.tables import CONVERSIONS, DOSE_SENSITIVITY, DOSES, ROUTES
from evdose.modelling import tables
from evdose.modelling.landscape import included_trials, judged_arms, tried_arms
from evdose.modelling.landscape_conversions import conversion_use
from evdose.modelling.route_shift import route_shifts
from evdose.modelling.trends import registrations, trends, trial_groups, year_exposure
from evdose.recipe import running
from evdose.records.tables import ARMS, TRIALS
from evdose.screening.tables import SCREENING, STUDIES
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    given, asked, made = snakemake.input, snakemake.params, snakemake.output
    trials, arms = read_table(given.trials, TRIALS), read_table(given.arms, ARMS)
    doses, routes = read_table(given.doses, DOSES), read_table(given.routes, ROUTES)
    screening = read_table(given.screening, SCREENING)
    conversions = read_table(given.conversions, CONVERSIONS)
    assumed = read_table(given.dose_sensitivity, DOSE_SENSITIVITY)
    studies = read_table(given.studies, STUDIES)
    direction = read_table(given.effect_direction, tables.EFFECT_DIRECTION)

    included = included_trials(trials, screening)
    tried = tried_arms(included, arms, doses, routes)
    judged = judged_arms(direction, trials, doses)
    groups = trial_groups(included, routes, doses)
    last_day = min(asked.scenario["registered_to"], asked.data_to)
    exposure = year_exposure(asked.scenario["registered_from"], last_day, groups["year"])

    shifts = route_shifts({"all": tried, "effective": judged[judged["effective"]]}, asked.models, asked.seed)
    uses = conversion_use(conversions, doses, assumed, (included, arms, routes), studies)
    registered = registrations(groups, exposure)
    slopes = trends(registered, exposure, asked.models)

    write_table(tried, tables.TRIED_ARMS, made.tried_arms)
    write_table(shifts, tables.ROUTE_SHIFT, made.route_shift)
    write_table(uses, tables.CONVERSION_USE, made.conversion_use)
    write_table(registered, tables.REGISTRATIONS, made.registrations)
    write_table(slopes, tables.TRENDS, made.trends)

    doses_known = tried["per_administration"].notna().sum()
    run.say(
        f"{len(included)} trials included, {doses_known} of their {len(tried)} arms with a dose in particles"
    )
    for name, frame in (("route shifts", shifts), ("trends", slopes)):
        run.say(f"{(frame['status'] == tables.ESTIMATED).sum()} of {len(frame)} {name} can be estimated")
