"""The command `vocabulary check`."""

from __future__ import annotations

from pathlib import Path

from pipeline.commands._output import say
from pipeline.common.taxonomy import Taxonomy
from pipeline.common.vocabulary import changes, read_release


def check(vocabulary: Path, release: Path) -> None:
    """Say what a release of IPTC's Media Topics renamed, moved or retired of a vocabulary's topics."""
    taxonomy = Taxonomy.from_csv(vocabulary)
    day, concepts = read_release(release)
    found = changes(taxonomy, concepts)
    coded = sum(bool(topic.iptc) for topic in taxonomy.topics.values())
    active = sum(not concept.retired for concept in concepts.values())
    say(
        f"{vocabulary}: {coded:,} topics with NewsCodes, beside the {active:,} of the release {day or 'without a date'}"
    )
    for change in found:
        say(f"  {change.kind:<8} {change.key}: {change.said}")
    for topic in taxonomy.topics.values():
        if topic.ours:
            say(f"  ours     {topic.key}: {topic.ours}")
    say(f"{len(found)} to look at" if found else "nothing to change")
