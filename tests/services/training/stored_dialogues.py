"""Holds mock dialogues in a database and prints a hash of every byte said: run by many processes, all must print the same."""

from __future__ import annotations

import hashlib
import sys
from datetime import timedelta

import msgspec
from sqlalchemy import select

from qaplatform.exam.scenario_loading import shipped_scenarios
from qaplatform.services.training import exam_room
from qaplatform.services.training.exam_playing import reference_lines
from qaplatform.services.training.exam_room import SittingWanted
from qaplatform.store.engine import Store
from qaplatform.store.tables import ExamDialogue, ExamMessage
from tests.exam.standing import shipped_auditor
from tests.services.training.examined import NEW_HIRE, NOW, at, begun, only_dialogue, write


def main(url: str, count: int) -> None:
    store, digest = Store(url), hashlib.sha256()
    scenarios = [one for _, one in sorted(shipped_scenarios().items())]
    for number in range(count):
        scenario = scenarios[number % len(scenarios)]
        reference = reference_lines(shipped_auditor().rubric, scenario)
        assert reference is not None
        wanted = SittingWanted(purpose="practice", scenarios=(scenario.id,))
        sitting_id = begun(store, wanted=wanted, seed=number)
        dialogue_id = only_dialogue(store, sitting_id)
        try:
            for line in reference.lines:
                if line.by == "candidate":
                    write(store, dialogue_id, f"嗯，{line.text}", line.at_seconds + 0.5 + number % 7)
        except exam_room.ExamEndedError:
            pass
        with store.writing() as session:
            exam_room.leave(session, NEW_HIRE, sitting_id, now=NOW + timedelta(hours=1))
        with store.reading() as session:
            message = ExamMessage
            asked = select(message.number, message.by, message.text, message.kind, message.at_seconds)
            said = session.execute(asked.where(message.dialogue_id == dialogue_id).order_by(message.number)).all()
            dialogue = session.get_one(ExamDialogue, dialogue_id)
        # PostgreSQL keeps the keys of JSON in an order of its own; the scorecard names the dialogue.
        result = dict(dialogue.result or {})
        result["service"] = {**result["service"], "id": ""}
        digest.update(msgspec.json.encode([tuple(one) for one in said]))
        digest.update(msgspec.json.encode([dialogue.state, result], order="deterministic"))
        digest.update(str((dialogue.verdict, dialogue.ended_at == at(3600))).encode())
    store.close()
    sys.stdout.write(digest.hexdigest())


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
