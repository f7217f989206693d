"""Recipe of rule claims: the review's claims, each with its estimate and verdict."""

from evdose.dosing.tables import DOSES, ROUTES
from evdose.modelling import tables
from evdose.modelling.claims.finding import Evidence
from evdose.modelling.claims.judge import judge
from evdose.modelling.landscape import included_trials, judged_arms, tried_arms
from evdose.recipe import running
from evdose.records.tables import ARMS, CLAIMS, TRIALS
from evdose.screening.tables import ELIGIBILITY_SWITCHES, SCREENING
from evdose.tables import read_table, write_table

with running(snakemake) as run:
    given, asked = snakemake.input, snakemake.params
    trials, screening = read_table(given.trials, TRIALS), read_table(given.screening, SCREENING)
    doses, routes = read_table(given.doses, DOSES), read_table(given.routes, ROUTES)
    direction = read_table(given.effect_direction, tables.EFFECT_DIRECTION)

    included = included_trials(trials, screening)
    arms = tried_arms(included, read_table(given.arms, ARMS), doses, routes)
    key = ["trial_id", "arm"]
    evidence = Evidence(
        claims=read_table(given.claims, CLAIMS),
        trials=included,
        arms=arms,
        judged=judged_arms(direction, trials, doses),
        routes=routes.merge(arms[key], on=key),
        doses=doses.merge(arms[key], on=key),
        switches=read_table(given.eligibility_switches, ELIGIBILITY_SWITCHES),
        effect_direction=direction,
        route_shift=read_table(given.route_shift, tables.ROUTE_SHIFT),
        effective_range=read_table(given.effective_range, tables.EFFECTIVE_RANGE),
        dose_response=read_table(given.dose_response, tables.DOSE_RESPONSE),
        mcp_mod=read_table(given.mcp_mod, tables.MCP_MOD),
        rules=asked.claim_rules,
        scenario=asked.scenario,
        confidence=asked.models["confidence"],
    )
    verdicts = judge(evidence)
    write_table(verdicts, tables.CLAIM_VERDICTS, snakemake.output.claims)

    counts = verdicts["verdict"].value_counts().reindex(tables.VERDICTS, fill_value=0)
    run.say(f"{len(verdicts)} claims: " + ", ".join(f"{n} {verdict}" for verdict, n in counts.items() if n))
