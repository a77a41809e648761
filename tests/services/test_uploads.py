"""Files on their way in: what a process that was killed left behind is known from what somebody is still writing."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path

from qaplatform import clock
from qaplatform.services.uploads import ABANDONED_AFTER, UploadPart, left_behind

_WRITER = """
import sys, time
from pathlib import Path
from qaplatform.services.uploads import UploadPart
part = UploadPart.begin(Path(sys.argv[1]))
part.write(b"half of it")
part.flush()
print("begun", flush=True)
time.sleep(60)
"""


def age(path: Path, by: timedelta) -> datetime:
    moment = clock.now()
    os.utime(path, ((moment - by).timestamp(),) * 2)
    return moment


def test_a_part_is_left_alone_while_it_is_written_and_abandoned_when_its_writer_was_killed(
    tmp_path: Path, repository: Path
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(repository)}
    command = [sys.executable, "-c", _WRITER, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as writer:
        assert writer.stdout is not None
        assert writer.stdout.readline() == b"begun\n"
        (part,) = (tmp_path / "uploads").iterdir()
        now = age(part, timedelta(minutes=1))
        assert left_behind(tmp_path, now=now) == ([], [])
        writer.kill()
        writer.wait()
    assert left_behind(tmp_path, now=now) == ([part], [])


def test_a_whole_file_is_asked_for_a_while_longer(tmp_path: Path) -> None:
    with UploadPart.begin(tmp_path) as part:
        part.write(b"whole")
        kept = part.keep("a.csv")
    assert left_behind(tmp_path, now=age(kept, timedelta(minutes=1))) == ([], [])
    assert left_behind(tmp_path, now=age(kept, ABANDONED_AFTER + timedelta(seconds=1))) == ([], [kept])
