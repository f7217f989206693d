"""Recipe of rule dose_response: curves by route, MCP-Mod, and the effective range in three answers."""

from evdose.dosing.tables import DOSES, ROUTES
from evdose.modelling import tables
from evdose.modelling.concentration import concentration_rows
from evdose.modelling.dose_groups import dose_groups
from evdose.modelling.dose_response import dose_response, dose_response_curves
from evdose.modelling.effective_range import effective_ranges
from evdose.modelling.evidence import efficacy_rows, results_in_scope, with_arms
from evdose.modelling.landscape import judged_arms
from evdose.modelling.mcp_mod_trials import mcp_mod
from evdose.recipe import running
from evdose.records.tables import ARMS, OUTCOMES, TRIALS
from evdose.screening.tables import STUDIES
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    given, models, seed, made = (
        snakemake.input,
        snakemake.params.models,
        snakemake.params.seed,
        snakemake.output,
    )
    outcomes, studies = read_table(given.outcomes, OUTCOMES), read_table(given.studies, STUDIES)
    arms, doses = read_table(given.arms, ARMS), read_table(given.doses, DOSES)
    trials, routes = read_table(given.trials, TRIALS), read_table(given.routes, ROUTES)
    effects = read_table(given.effects, tables.EFFECTS)
    direction = read_table(given.effect_direction, tables.EFFECT_DIRECTION)
    tried = read_table(given.tried_arms, tables.TRIED_ARMS)

    evidence = with_arms(results_in_scope(outcomes, studies), arms, routes, doses)
    efficacy = efficacy_rows(evidence, models["primary_outcome_hierarchy"])
    groups = dose_groups(effects, tried)
    judged = judged_arms(direction, trials, doses)

    responses = dose_response(groups, effects, models)
    curves = dose_response_curves(groups, models)
    tests = mcp_mod(efficacy, groups, models, seed)
    ranges = effective_ranges(groups, concentration_rows(judged, models, seed), models, seed)

    write_table(responses, tables.DOSE_RESPONSE, made.dose_response)
    write_table(curves, tables.DOSE_RESPONSE_CURVE, made.dose_response_curve)
    write_table(tests, tables.MCP_MOD, made.mcp_mod)
    write_table(ranges, tables.EFFECTIVE_RANGE, made.effective_range)

    for name, frame in (("dose–response models", responses), ("MCP-Mod candidates", tests)):
        run.say(f"{(frame['status'] == tables.ESTIMATED).sum()} of {len(frame)} {name} can be estimated")
    for question, rows in ranges.groupby("question", sort=False):
        answered = (rows["status"] == tables.ESTIMATED).sum()
        run.say(f"{question}: {answered} of {len(rows)} groups can be answered")
