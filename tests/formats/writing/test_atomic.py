import errno
import os
import stat
import subprocess
import sys
import textwrap
from importlib.util import find_spec
from pathlib import Path

import pytest

from qaplatform.formats.writing import FORMATS, OutputError, write, write_encoded
from qaplatform.formats.writing.atomic import output, whole_file

FILES = [form for form in FORMATS if form != "table"]


def names(folder: Path) -> list[str]:
    return [path.name for path in folder.iterdir()]


def test_the_target_appears_only_at_the_end_and_nothing_else_stays(tmp_path):
    target = tmp_path / "result.bin"
    with output(target) as stream:
        stream.write(b"whole")
        assert not target.exists()
    assert target.read_bytes() == b"whole"
    assert names(tmp_path) == ["result.bin"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_an_interruption_leaves_the_old_file_and_no_scratch(tmp_path, error):
    target = tmp_path / "result.bin"
    target.write_bytes(b"old")

    def interrupted() -> None:
        with output(target) as stream:
            stream.write(b"half")
            raise error

    with pytest.raises(error):
        interrupted()
    assert target.read_bytes() == b"old"
    assert names(tmp_path) == ["result.bin"]


@pytest.mark.parametrize("form", FORMATS)
def test_no_format_leaves_anything_behind_when_the_pairs_break_off(tmp_path, form, crowd, rubric, context):
    def breaking():
        yield from crowd(300)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write(form, breaking(), tmp_path / "result", rubric=rubric, context=context)
    assert names(tmp_path) == []


def test_trouble_with_the_input_is_not_taken_for_trouble_with_the_output(tmp_path, pair, rubric, context):
    def breaking():
        yield pair()
        raise OSError(errno.EIO, "cannot read on", "chats.jsonl")

    with pytest.raises(OSError, match="cannot read on") as caught:
        write("jsonl", breaking(), tmp_path / "result", rubric=rubric, context=context)
    assert caught.value.filename == "chats.jsonl"
    assert names(tmp_path) == []


def test_encoded_blocks_are_written_whole_and_their_errors_stay_their_own(tmp_path):
    def breaking():
        yield b"{}\n"
        raise OSError(errno.EIO, "cannot read on", "chats.jsonl")

    write_encoded([b"{}\n", b"[]\n"], tmp_path / "a.jsonl")
    assert (tmp_path / "a.jsonl").read_bytes() == b"{}\n[]\n"
    with pytest.raises(OSError, match="cannot read on"):
        write_encoded(breaking(), tmp_path / "b.jsonl")
    assert names(tmp_path) == ["a.jsonl"]


def test_a_folder_is_refused(tmp_path, rubric, context):
    with pytest.raises(OutputError, match="this is a folder"):
        write("jsonl", [], tmp_path, rubric=rubric, context=context)


def test_a_missing_folder_is_named(tmp_path, rubric, context):
    with pytest.raises(OutputError, match="no-such-folder does not exist"):
        write("xlsx", [], tmp_path / "no-such-folder" / "a.xlsx", rubric=rubric, context=context)


def test_the_rights_of_a_replaced_file_stay(tmp_path):
    target = tmp_path / "result.bin"
    target.write_bytes(b"old")
    target.chmod(0o640)
    with output(target) as stream:
        stream.write(b"new")
    assert stat.S_IMODE(target.stat().st_mode) == 0o640


def test_a_new_file_gets_the_rights_the_process_gives(tmp_path):
    before = os.umask(0o027)
    try:
        with output(tmp_path / "result.bin") as stream:
            stream.write(b"new")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "result.bin").stat().st_mode) == 0o640


def test_a_link_is_followed_and_stays_a_link(tmp_path):
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real" / "result.bin")
    with output(tmp_path / "link") as stream:
        stream.write(b"new")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real" / "result.bin").read_bytes() == b"new"


def test_a_device_is_written_to_and_not_replaced():
    with whole_file(Path(os.devnull)) as path:
        assert str(path) == os.devnull
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


@pytest.mark.parametrize("form", ["xlsx", "parquet", "html"])
def test_formats_that_need_a_file_say_so(form, rubric, context):
    with pytest.raises(OutputError, match="needs a file"):
        write(form, [], "-", rubric=rubric, context=context)


def test_unknown_formats_and_languages_are_refused(tmp_path, rubric, context):
    with pytest.raises(ValueError, match="unknown format 'pdf'"):
        write("pdf", [], tmp_path / "a", rubric=rubric, context=context)
    with pytest.raises(ValueError, match="unknown language 'fr'"):
        write("csv", [], tmp_path / "a", rubric=rubric, context=context, language="fr")


@pytest.mark.parametrize("form", ["table", "jsonl", "csv"])
def test_a_dash_is_the_standard_output(form, pair, rubric, context, capfdbinary):
    assert write(form, [pair()], "-", rubric=rubric, context=context) == 1
    assert b"c1" in capfdbinary.readouterr().out


@pytest.mark.skipif(find_spec("resource") is None, reason="limits of file sizes are a Unix thing")
def test_a_full_disk_is_said_in_every_form_and_leaves_nothing(tmp_path, request):
    program = f"""
        import importlib.util, resource, sys
        spec = importlib.util.spec_from_file_location("crowd", {str(request.path.with_name("conftest.py"))!r})
        crowd = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(crowd)
        from qaplatform.formats.writing import OutputError, write, write_encoded
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
        for form in {FILES}:
            try:
                write(form, crowd.make_crowd(2_000), f"{{sys.argv[1]}}/{{form}}", rubric=crowd.RUBRIC, context=crowd.CONTEXT)
            except OutputError as error:
                print(form, error)
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-B", "-c", textwrap.dedent(program), str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line.split(" ", 1) for line in done.stdout.splitlines()]
    assert [form for form, _ in said] == FILES, done.stderr
    assert all("the disk is full" in error for _, error in said), done.stdout
    assert done.stderr == ""
    assert names(tmp_path) == []
