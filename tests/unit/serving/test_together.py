"""Requests that come at the same moment: each gets its own answer, whatever comes beside it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

pytest.importorskip("fastapi", reason="the extra serve is not installed")

from pipeline.prediction.predictor import Predictor
from pipeline.serving.answers import Job, Reply, answer, predicted
from pipeline.serving.models import Models
from pipeline.serving.together import Together
from support.articles import STORM, unlabelled

PREDICT = Job("predict")


def bodies() -> list[bytes]:
    from orjson import dumps

    found = [dumps(row) for row in unlabelled(40)]
    found[3:3] = [b"{", dumps({"text": " "}), dumps([]), dumps([{"text": STORM.text}, {"id": "b"}]), dumps({"id": "c"})]
    return found


@pytest.mark.parametrize("compiled", [False, True])
def test_bodies_tagged_at_once_have_the_answers_of_each(tiny: Predictor, compiled: bool) -> None:
    if compiled:
        tiny.compile()
    models = Models({tiny.languages.model: tiny})
    alone = [answer(PREDICT, models, body) for body in bodies()]
    assert predicted([(PREDICT, body) for body in bodies()], models) == alone
    assert {reply.status for reply in alone} == {200, 400, 422}


def test_what_comes_in_one_turn_is_answered_in_few_pieces() -> None:
    sizes: list[int] = []

    def answers(jobs: Sequence[tuple[Job, bytes]]) -> list[Reply]:
        sizes.append(len(jobs))
        return [Reply(200, body) for _, body in jobs]

    async def run() -> list[bytes]:
        together = Together(answers, lambda _, body: Reply(200, body))
        asking = [asyncio.create_task(together.ask(PREDICT, b"%d" % number)) for number in range(100)]
        await asyncio.sleep(0)
        asking[5].cancel()
        found = await asyncio.gather(*asking, return_exceptions=True)
        return [one.content if isinstance(one, Reply) else b"gone" for one in found]

    expected = [b"%d" % number for number in range(100)]
    expected[5] = b"gone"
    assert asyncio.run(run()) == expected
    assert sizes == [31, 32, 32, 4]


def test_one_that_ends_badly_spoils_no_other() -> None:
    def answers(jobs: Sequence[tuple[Job, bytes]]) -> list[Reply]:
        return [alone(*job) for job in jobs]

    def alone(_: Job, body: bytes) -> Reply:
        return Reply(100 // int(body), body)

    async def run() -> list[Reply | BaseException]:
        together = Together(answers, alone)
        return await asyncio.gather(
            *(together.ask(PREDICT, body) for body in (b"1", b"0", b"4")), return_exceptions=True
        )

    first, second, third = asyncio.run(run())
    assert isinstance(second, ZeroDivisionError)
    assert (first, third) == (Reply(100, b"1"), Reply(25, b"4"))
