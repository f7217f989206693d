"""Recipe of rule effects: efficacy effects, safety by dose, directions of effect, and their synthesis."""

from evdose.dosing.tables import DOSES, ROUTES
from evdose.modelling import tables
from evdose.modelling.effect_direction import effect_directions
from evdose.modelling.effects import find_effects
from evdose.modelling.evidence import efficacy_rows, results_in_scope, with_arms
from evdose.modelling.safety import safety_by_dose
from evdose.modelling.synthesis import synthesise
from evdose.recipe import running
from evdose.records.tables import ARMS, OUTCOMES
from evdose.screening.tables import STUDIES
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    given, models, made = snakemake.input, snakemake.params.models, snakemake.output
    outcomes, studies = read_table(given.outcomes, OUTCOMES), read_table(given.studies, STUDIES)
    arms, doses = read_table(given.arms, ARMS), read_table(given.doses, DOSES)
    routes = read_table(given.routes, ROUTES)

    evidence = with_arms(results_in_scope(outcomes, studies), arms, routes, doses)
    efficacy = efficacy_rows(evidence, models["primary_outcome_hierarchy"])
    effects = find_effects(efficacy, models)
    directions = effect_directions(efficacy, effects, models, snakemake.params.effective_rule)
    safety = safety_by_dose(evidence, models["confidence"])
    synthesis = synthesise(effects, directions, models)

    write_table(effects, tables.EFFECTS, made.effects)
    write_table(directions, tables.EFFECT_DIRECTION, made.effect_direction)
    write_table(safety, tables.SAFETY, made.safety)
    write_table(synthesis, tables.SYNTHESIS, made.synthesis)

    counts = effects["effect_table"].value_counts()
    run.say(", ".join(f"{counts.get(name, 0)} {name} effects" for name in tables.EFFECT_TABLES))
    calls = directions["call"].value_counts()
    run.say("arms: " + ", ".join(f"{calls.get(call, 0)} {call}" for call in tables.CALLS))
    estimated = synthesis["status"].eq(tables.ESTIMATED).sum()
    run.say(f"{estimated} of {len(synthesis)} syntheses can be estimated")
