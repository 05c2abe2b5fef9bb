"""What a ranking believes of each service at the moment of the search: candidates for the model."""

import datetime as dt
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from services.evidence import MOST_ANONYMOUS
from services.long_run import MEMORY
from services.ranking import PRIOR_STRENGTH, REPORT_WEIGHT, fade, success_chance
from services.vocabulary import KIND_FACTS
from tests.bench.ranking.compiling import compiled
from tests.bench.ranking.making import KINDS, Floats, Towns
from tests.bench.ranking.telling import (
    ANONYMOUS,
    OFTEN_ABLE,
    OFTEN_UNABLE,
    ROLES,
    SHARE,
    TOLD,
    Tellings,
    by_time_seen,
)

PRIOR = np.array([KIND_FACTS[kind].prior for kind in KINDS])
HALF_LIFE = np.array([KIND_FACTS[kind].half_life.total_seconds() / 60 for kind in KINDS])
WEIGHTS = np.array([REPORT_WEIGHT[role] for role in ROLES])


class Model(NamedTuple):
    """A candidate. The defaults are what the product did before anything was learned.

    Attributes:
        half_life: factor on the half-lives of the vocabulary.
        weight: factor on all weights of reports; 2 is the same as half the PRIOR_STRENGTH.
        outreach, feed: factors on their weights besides.
        kept: share of older evidence that a report of a known reporter leaves.
        memory_days: half-life of the service's own chance; 0 if that is not learned.
        memory_strength: how many independent reports the kind's prior is worth beside it.
        spacing: half-lives from which on a report is half independent of the one before.
        odds: factor on the odds of the kind's prior.
        agreed: weight that all known reports together have after each of them, which then changes
            the chance by Bayes' rule with the same trust as the filter; 0 to add weights up.
        filtered: a forward filter in place of fading evidence.
        trust: for the filter: of a hundred reports, how many are right (as a share).
    """

    half_life: float = 1.0
    weight: float = 1.0
    outreach: float = 1.0
    feed: float = 1.0
    kept: float = 1.0
    memory_days: float = 0.0
    memory_strength: float = 2.0
    spacing: float = 1.0
    odds: float = 1.0
    agreed: float = 0.0
    filtered: bool = False
    trust: float = 0.95


BEFORE_LEARNING = Model()
PRODUCT = Model(memory_days=MEMORY / dt.timedelta(days=1), memory_strength=PRIOR_STRENGTH)


class Belief(NamedTuple):
    """Chances by service: now, in the long run, and the minutes in which half goes over."""

    now: Floats
    long_run: Floats
    half_life: Floats


def believe(model: Model, towns: Towns, tellings: Tellings) -> Belief:
    """The chance that each service serves, by a candidate that knows what was told."""
    kind = towns.kind[towns.town]
    prior = PRIOR * model.odds / (1 - PRIOR + PRIOR * model.odds)
    weights = WEIGHTS * model.weight * np.array([1, model.outreach, model.feed, 1])
    half_life = HALF_LIFE[kind] * model.half_life
    known = prior[kind]
    if model.memory_days:
        known = own_chances(
            tellings,
            known,
            HALF_LIFE[kind] * model.spacing,
            model.memory_days * 1440,
            model.memory_strength,
        )
    at = towns.at[towns.town]
    if model.filtered:
        served = filtered(tellings, known, half_life, _ratios_of(model.trust), at)
    elif model.agreed:
        ratios = _ratios_of(model.trust)
        evidence = agreed(tellings, known, half_life, ratios, model.agreed)
        served = _chances(known, evidence, half_life, at)
    else:
        evidence = folded(tellings, half_life, weights, model.kept)
        served = _chances(known, evidence, half_life, at)
    return Belief(served, served, half_life)


def know_the_rates(towns: Towns, tellings: Tellings, wrong: Floats) -> Belief:
    """The best that can be known from what was told, given everything but the truth itself.

    Source: the forward algorithm for a hidden two-state Markov chain, exact.

    Args:
        wrong: share of each role's reports that tell the opposite.
    """
    able = np.zeros((len(ROLES), len(TOLD)))
    unable = np.zeros_like(able)
    able[:ANONYMOUS, : len(OFTEN_ABLE)], able[ANONYMOUS, -2:] = OFTEN_ABLE, (1, 0)
    unable[:ANONYMOUS, : len(OFTEN_ABLE)], unable[ANONYMOUS, -2:] = OFTEN_UNABLE, (0, 1)
    mixed = wrong[:, None]
    told_if_able = (1 - mixed) * able + mixed * unable
    told_if_unable = (1 - mixed) * unable + mixed * able
    with np.errstate(invalid="ignore"):
        ratios = np.where(told_if_able > 0, told_if_able / told_if_unable, 1.0)
    at = towns.at[towns.town]
    seen = by_time_seen(tellings)
    now = filtered(seen, towns.chance, towns.switch_minutes, ratios, at)
    return Belief(now, towns.chance, towns.switch_minutes)


def _ratios_of(trust: float) -> Floats:
    """How much likelier each word is if the service can serve, as far as one may assume."""
    share = np.clip(np.stack([SHARE] * len(ROLES)), 0.02, 0.98)
    right = np.array([trust, trust, trust, 0.5 + (trust - 0.5) / 4])[:, None]
    ratios: Floats = (right * share + (1 - right) * (1 - share)) / (
        right * (1 - share) + (1 - right) * share
    )
    return ratios


@compiled
def folded(
    tellings: Tellings, half_life: Floats, weights: Floats, kept: float
) -> NDArray[np.float64]:
    """Evidence for, against, and its minute, of every service: services.evidence in arrays."""
    services = len(half_life)
    evidence = np.zeros((services, 3))
    for service in range(services):
        for_ = against = at = anonymous = anonymous_at = 0.0
        for one in range(tellings.first[service], tellings.first[service + 1]):
            now, role = tellings.at[one], tellings.role[one]
            weight, share = weights[role], SHARE[tellings.what[one]]
            left = fade(now - at, half_life[service])
            if role == ANONYMOUS:
                anonymous *= fade(now - anonymous_at, half_life[service])
                weight = max(0.0, min(weight, MOST_ANONYMOUS - anonymous))
                anonymous, anonymous_at = anonymous + weight, now
            else:
                left *= kept
            for_, against = for_ * left + weight * share, against * left + weight * (1 - share)
            at = now
        evidence[service] = for_, against, at
    return evidence


@compiled
def agreed(
    tellings: Tellings, prior: Floats, half_life: Floats, ratios: Floats, weight: float
) -> NDArray[np.float64]:
    """Evidence of known reports, each of which changes the chance by Bayes' rule."""
    evidence = np.zeros((len(prior), 3))
    for service in range(len(prior)):
        for_ = against = at = 0.0
        for one in range(tellings.first[service], tellings.first[service + 1]):
            if tellings.role[one] == ANONYMOUS:
                continue
            left = fade(tellings.at[one] - at, half_life[service])
            at = tellings.at[one]
            before = success_chance(prior[service], for_, against, left)
            ratio = ratios[tellings.role[one], tellings.what[one]]
            after = before * ratio / (1 - before + before * ratio)
            for_ = after * (weight + PRIOR_STRENGTH) - PRIOR_STRENGTH * prior[service]
            for_ = max(0.0, min(weight, for_))
            against = weight - for_
        evidence[service] = for_, against, at
    return evidence


@compiled
def _chances(prior: Floats, evidence: Floats, half_life: Floats, at: Floats) -> Floats:
    served = np.empty(len(prior))
    for service in range(len(prior)):
        for_, against, since = evidence[service]
        left = fade(at[service] - since, half_life[service])
        served[service] = success_chance(prior[service], for_, against, left)
    return served


@compiled
def own_chances(
    tellings: Tellings, prior: Floats, spacing: Floats, memory: float, strength: float
) -> Floats:
    """The long-run chance of each service, learned from what known reporters said.

    A report counts as much as it is independent of the one before: twenty in an hour count little
    more than one.
    """
    learned = prior.copy()
    for service in range(len(prior)):
        for_ = against = 0.0
        at = -np.inf
        for one in range(tellings.first[service], tellings.first[service + 1]):
            if tellings.role[one] == ANONYMOUS:
                continue
            now, share = tellings.at[one], SHARE[tellings.what[one]]
            left = fade(now - at, memory)
            new = 1 - fade(now - at, spacing[service])
            for_, against = for_ * left + new * share, against * left + new * (1 - share)
            at = now
        seen = for_ + against
        learned[service] = (strength * prior[service] + for_) / (strength + seen)
    return learned


@compiled
def filtered(
    tellings: Tellings, chance: Floats, half_life: Floats, ratios: Floats, until: Floats
) -> Floats:
    """The chance at the search by a forward filter of a two-state Markov chain.

    Args:
        tellings: in the order in which they are taken to be seen.
        chance, half_life: of the chain of each service.
        ratios: by role and word: how much likelier it is told if the service can serve.
        until: the minute of the search, by service.
    """
    able = chance.copy()
    for service in range(len(chance)):
        at = 0.0
        for one in range(tellings.first[service], tellings.first[service + 1]):
            now = tellings.seen[one]
            old = fade(now - at, half_life[service])
            before = chance[service] + (able[service] - chance[service]) * old
            ratio = ratios[tellings.role[one], tellings.what[one]]
            able[service] = (
                1.0 if np.isinf(ratio) else before * ratio / (1 - before + before * ratio)
            )
            at = now
        old = fade(until[service] - at, half_life[service])
        able[service] = chance[service] + (able[service] - chance[service]) * old
    return able
