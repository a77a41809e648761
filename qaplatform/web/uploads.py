"""Files that people send go straight into the data folder: neither memory nor the system's own folder holds them."""

from __future__ import annotations

from typing import IO

from flask import Flask, Request, request

from qaplatform.services.uploads import UploadPart
from qaplatform.web.current import current_settings
from qaplatform.web.security import expects_files


class StreamingRequest(Request):
    """A request whose files are written where they will lie; whatever no view keeps is gone when it has been answered."""

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        if not expects_files(self.endpoint):
            return super()._get_file_stream(total_content_length, content_type, filename, content_length)
        part = UploadPart.begin(current_settings().data_folder)
        self.upload_parts.append(part)
        return part

    @property
    def upload_parts(self) -> list[UploadPart]:
        """All files of this request, also when it broke off in the middle of one."""
        parts: list[UploadPart] = self.environ.setdefault("qaplatform.upload_parts", [])
        return parts


def set_up(app: Flask) -> None:
    """Take files in this way."""
    app.request_class = StreamingRequest
    app.teardown_request(_let_go)


def _let_go(_error: BaseException | None) -> None:
    for part in request.environ.get("qaplatform.upload_parts", ()):
        part.close()
