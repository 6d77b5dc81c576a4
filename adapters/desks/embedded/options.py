"""What can be set of the embedded desk."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Annotated, Any

import msgspec

from bot.model.errors import ConfigError


class Options(msgspec.Struct, frozen=True, kw_only=True):
    """The keys of the desk's config table.

    `retention_days`: photos and contact details go this long after a case was closed (default as Signalen
    anonymises its reporters). `prefix`: what references begin with, so that two desks can be told apart.
    """

    retention_days: Annotated[int, msgspec.Meta(ge=1, le=3650)] = 365
    prefix: Annotated[str, msgspec.Meta(pattern="^[A-Z]{1,6}$")] = "MB"

    @property
    def retention(self) -> timedelta:
        """`retention_days` as a duration."""
        return timedelta(days=self.retention_days)


def read_options(where: str, options: Mapping[str, Any]) -> Options:
    """Checked options; raises `ConfigError` that names the key under `where`. Text from the environment
    counts as a number where one is meant.
    """
    fields = {field.name: field for field in msgspec.structs.fields(Options)}
    values: dict[str, Any] = {}
    for key, value in options.items():
        if key not in fields:
            known = ", ".join(sorted(fields))
            raise ConfigError(f"{where}.{key}", f"the embedded desk has no such setting; it has {known}")
        try:
            values[key] = msgspec.convert(value, fields[key].type, strict=False)
        except msgspec.ValidationError as error:
            raise ConfigError(f"{where}.{key}", str(error)) from error
    return Options(**values)
