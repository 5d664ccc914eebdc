"""Features of (document, candidate country) pairs, for one linear model that ranks them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from pipeline.features import country_feature_names as names
from pipeline.features.gazetteer import AREA, CURRENCY, DEMONYM, LEADER, ORG, TITLE, Gazetteer, Mention
from pipeline.features.meanings import DOUBTFUL, SURE, Use, meanings
from pipeline.features.texts import Document
from pipeline.features.tokens import CAPITALISED, LOWER, Tokens

HEADLINE, LEAD, OPENING, REST = range(4)
MOST_CANDIDATES = 14
PLAUSIBLE = -0.8
FEWEST_WORDS = 12  # of a text whose wording alone can tell a country

LEAD_END, OPENING_END = 60, 170
ZONE_WEIGHTS = (4.0, 2.0, 1.0, 0.15)
FIRM = 0.25
BEFORE_BODY = 12

Features = dict[str, float]


@dataclass(slots=True)
class _Candidate:
    """What the mentions say of one country; a mention counts by how much of its name's use the country has."""

    zones: list[float] = field(default_factory=lambda: [0.0] * 4)
    kinds: dict[tuple[int, int], float] = field(default_factory=dict)
    uses: list[tuple[Mention, int, int, float]] = field(default_factory=list)
    first: float = math.inf
    lower: int = 0
    firmness: float = 0.0

    def add(self, mention: Mention, kind: int, zone: int, weight: float, firmness: float) -> None:
        self.zones[zone] += weight
        self.kinds[kind, zone] = self.kinds.get((kind, zone), 0.0) + weight
        self.uses.append((mention, kind, zone, weight))
        self.first = min(self.first, 0 if zone == HEADLINE else mention.start + BEFORE_BODY)
        self.lower += mention.shape == LOWER
        self.firmness += firmness

    @property
    def score(self) -> float:
        return sum(weight * count for weight, count in zip(ZONE_WEIGHTS, self.zones, strict=True))

    @property
    def early(self) -> float:
        return sum(self.zones[:REST])

    def firm(self) -> list[tuple[Mention, int, int, float]]:
        """The uses in which the country is the likely meaning."""
        return [use for use in self.uses if use[3] > FIRM]


@dataclass(slots=True)
class _Scene:
    """What all candidates of a document have in common."""

    totals: list[float]
    scores: dict[int, float]
    ranks: dict[int, int]
    order: dict[int, int]
    terms: Mapping[int, float]
    term_ranks: dict[int, int]


def pair_features(
    gazetteer: Gazetteer, doc: Document, mentions: Sequence[Mention], terms: Mapping[int, float]
) -> dict[int, Features]:
    """Each candidate country (index into the gazetteer's labels) with its features by name.

    `terms` are one-vs-rest scores of the whole text, for the countries that have such a model. Candidates are the
    countries mentioned, at most MOST_CANDIDATES, and those with a score above PLAUSIBLE, but none that owes its score
    to a word that isn't its name here: a turkey, a Turkish bath, somebody called Jordan.
    """
    found = _candidates(meanings(gazetteer, doc, mentions))
    scene = _scene(found, terms)
    chosen = sorted(found, key=lambda code: scene.ranks[code])[:MOST_CANDIDATES]
    chosen += _unmentioned(gazetteer, doc, [c for c, s in sorted(terms.items()) if s > PLAUSIBLE and c not in found])
    common = _document_features(doc, scene)
    pairs: dict[int, Features] = {}
    for code in chosen:
        label = gazetteer.labels[code]
        pairs[code] = {**common, names.label(label): 0.3, **_term_features(code, label, scene)}
        if code in found:
            pairs[code] |= _mention_features(found[code], code, scene)
            pairs[code] |= _context_features(found[code], doc)
            pairs[code] |= _name_features(found[code], gazetteer, label)
            if gazetteer.senses:
                pairs[code] |= _sureness(found[code].firmness)
        else:
            pairs[code]["unmentioned"] = 1.0
    return pairs


def _sureness(firmness: float) -> Features:
    """How sure it is that the names mean the country, and whether that is too little to publish it unseen."""
    features = {names.level("sure", min(4, int(firmness))): 1.0}
    return features | {names.UNSURE: 1.0} if firmness < SURE else features


def _unmentioned(gazetteer: Gazetteer, doc: Document, codes: list[int]) -> list[int]:
    if not codes or gazetteer.senses is None:
        return codes
    if len(doc.title.words) + len(doc.body.words) < FEWEST_WORDS:
        return []
    called = gazetteer.called(doc)
    return [code for code in codes if code not in called]


def _candidates(uses: Iterable[Use]) -> dict[int, _Candidate]:
    found: dict[int, _Candidate] = {}
    for mention, code, kind, share, firmness in uses:
        weight = share * DOUBTFUL if kind == CURRENCY or mention.shape == LOWER else share
        found.setdefault(code, _Candidate()).add(mention, kind, _zone(mention), weight, firmness)
    return found


def _zone(mention: Mention) -> int:
    if mention.part == TITLE:
        return HEADLINE if mention.start < OPENING_END else REST  # what is given as a title may be a whole text
    return LEAD if mention.start < LEAD_END else OPENING if mention.start < OPENING_END else REST


def _scene(found: Mapping[int, _Candidate], terms: Mapping[int, float]) -> _Scene:
    totals = [sum(weights) for weights in zip(*(candidate.zones for candidate in found.values()), strict=True)]
    scores = {code: candidate.score for code, candidate in found.items()}
    ranks = _ranked(scores)
    order = _ranked({code: -candidate.first for code, candidate in found.items()})
    return _Scene(totals, scores, ranks, order, terms, _ranked(terms))


def _ranked(scores: Mapping[int, float]) -> dict[int, int]:
    return {code: rank for rank, code in enumerate(sorted(scores, key=lambda code: (-scores[code], code)))}


def _best_other(scores: Mapping[int, float], ranks: Mapping[int, int], code: int, default: float) -> float:
    """The best score of another country, `ranks` naming the best first."""
    return next((scores[other] for other in ranks if other != code), default)


def _document_features(doc: Document, scene: _Scene) -> Features:
    strong = sum(score >= 2 for score in scene.scores.values())
    return {
        "candidates": math.log1p(len(scene.scores)),
        names.level("strong", min(strong, 6)): 1.0,
        "length": math.log1p(len(doc.body.words)),
    }


def _mention_features(candidate: _Candidate, code: int, scene: _Scene) -> Features:
    features: Features = {}
    for (kind, zone), weight in candidate.kinds.items():
        features[names.of_kind("count", kind, zone)] = math.log1p(weight)
        features[names.of_kind("has", kind, zone)] = min(1.0, weight)
    for zone, weight in enumerate(candidate.zones):
        if weight > 0:
            features[names.in_zone("count", zone)] = math.log1p(weight)
            features[names.in_zone("share", zone)] = weight / scene.totals[zone]
            features[names.in_zone("has", zone)] = min(1.0, weight)
            features[names.level(names.in_zone("count", zone), min(4, math.ceil(weight)))] = 1.0
    features |= _standing(candidate, code, scene)
    return features | _variety(candidate)


def _standing(candidate: _Candidate, code: int, scene: _Scene) -> Features:
    """How the country stands beside the others in the text."""
    score, others = candidate.score, _best_other(scene.scores, scene.ranks, code, 0.0)
    share = score / (sum(scene.scores.values()) + 1e-9)
    rank, early = scene.ranks[code], candidate.early
    return {
        "score": math.log1p(score),
        "share": share,
        "share squared": share * share,
        "share root": math.sqrt(share),
        "ratio": score / (score + others + 1e-9),
        "gap": math.log1p(score) - math.log1p(others),
        "early": math.log1p(early),
        "late only": float(early < DOUBTFUL),
        "first": math.log1p(candidate.first),
        names.level("first", min(7, int(math.log2(1 + candidate.first)))): 1.0,
        names.level("rank", min(rank, 5)): 1.0,
        names.rank_of(min(rank, 3), min(len(scene.scores), 5)): 1.0,
        names.level("order", min(scene.order[code], 4)): 1.0,
        "lower case": candidate.lower / len(candidate.uses),
    }


def _variety(candidate: _Candidate) -> Features:
    """By how many names, and names of which kinds, the country is meant."""
    firm = candidate.firm()
    kinds = sorted({kind for _, kind, _, _ in firm})
    called = len({mention.name for mention, _, _, _ in firm})
    return {
        names.level("names", min(4, called)): 1.0,
        names.level("kinds", min(4, len(kinds))): 1.0,
        names.kinds(kinds): 0.7,
    }


def _context_features(candidate: _Candidate, doc: Document) -> Features:
    """The words before and after, which tell a scene from an origin and a country from a person."""
    features: Features = {}
    for mention, kind, zone, weight in candidate.uses:
        if zone == REST or weight < DOUBTFUL:
            continue
        tokens = doc.title if zone == HEADLINE else doc.body
        use = names.PEOPLE if kind == DEMONYM else names.OTHER if kind in (ORG, LEADER, CURRENCY, AREA) else names.PLACE
        title = zone == HEADLINE
        before, after = mention.start - 1, mention.start + mention.length
        features[names.beside(_word(tokens, before), use, title, before=True)] = 0.5
        features[names.beside(_word(tokens, after), use, title, before=False)] = 0.5
        if before > 0 and tokens.shapes[before] == CAPITALISED:
            features[names.capital("before", use)] = 1.0
        if after < len(tokens.words) and tokens.shapes[after] == CAPITALISED:
            features[names.capital("after", use)] = 1.0
    return features


def _word(tokens: Tokens, at: int) -> str:
    return tokens.words[at] if 0 <= at < len(tokens.words) else names.END


def _name_features(candidate: _Candidate, gazetteer: Gazetteer, label: str) -> Features:
    """The names themselves: how reliable each is, is learned."""
    features: Features = {}
    for mention, _, zone, _ in candidate.uses:
        if zone != REST:
            name, lower = gazetteer.names[mention.name], mention.shape == LOWER
            features[names.named(name, label, zone == HEADLINE, lower)] = 0.5
    return features


def _term_features(code: int, label: str, scene: _Scene) -> Features:
    score = scene.terms.get(code)
    others = _best_other(scene.terms, scene.term_ranks, code, -2.0)
    if score is None:
        return {"no text model": 1.0, "best other text": others}
    features = {
        "text": score,
        "text above 0": max(0.0, score),
        "text below 0": max(-1.2, min(score, 0.0)),
        names.level("text rank", min(scene.term_ranks[code], 4)): 1.0,
        "text gap": score - others,
        names.level("text", max(-6, min(6, round(score * 4)))): 1.0,
        names.text_of(label): score / 2,
        "best other text": others,
    }
    if code in scene.scores:
        features["text by share"] = score * scene.scores[code] / (sum(scene.scores.values()) + 1e-9)
    else:
        features["text unmentioned"] = score
    return features
