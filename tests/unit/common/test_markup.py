"""Markup is taken out of texts, and nothing else is."""

from __future__ import annotations

import pytest

from pipeline.common.markup import without_markup
from pipeline.common.text import clean


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("<p>One.</p><p>Two &amp; three.</p>", "One.\nTwo & three."),
        ("<!-- wp:paragraph -->\n<p>One.</p>\n<!-- /wp:paragraph -->", "One."),
        ("One.<br />Two.", "One.\nTwo."),
        ("<figure><img src='a.jpg'/><figcaption>Photo: A</figcaption></figure><p>One <b>wo</b>rd.</p>", "One word."),
        ("<script>var x = '<p>no</p>';</script><p>Yes.</p>", "Yes."),
        ('[caption id="1"]<img src="a"/> A dog[/caption]<p>One.</p>', "One."),
        ("<figure>never closed <p>One.</p>", "never closed\nOne."),
        ("AT&amp;T won, it&#8217;s said", "AT&T won, it’s said"),
        ("Profits of Phillips <P> and Sears <S> rose, 3 < 4", "Profits of Phillips <P> and Sears <S> rose, 3 < 4"),
        ("R&D at AT&T; x <y> z", "R&D at AT&T; x <y> z"),
    ],
)
def test_markup(text: str, plain: str) -> None:
    assert clean(without_markup(text)) == plain
