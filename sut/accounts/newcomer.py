"""What a program says of a person who shall have an account."""

from __future__ import annotations

from typing import Annotated

from fastapi import Request
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from sut import problems
from sut.accounts import routes as limits
from sut.pages import forms
from sut.pages.forms import is_plain
from sut.problems import Problem

_BODY_LIMIT_BYTES = 64_000


class NewAccount(BaseModel):
    """Somebody who is to sign in."""

    model_config = ConfigDict(extra="forbid", strict=True)

    email: Annotated[str, Field(max_length=limits.EMAIL_LONGEST)]
    name: Annotated[str, Field(min_length=1, max_length=limits.NAME_LONGEST)]
    password: Annotated[str, Field(min_length=limits.PASSWORD_SHORTEST, max_length=limits.PASSWORD_LONGEST)]

    @field_validator("email")
    @classmethod
    def _is_email(cls, value: str) -> str:
        if not limits.is_email(value):
            raise ValueError("is not an e-mail address")
        return value

    @field_validator("name", "password")
    @classmethod
    def _is_plain(cls, value: str) -> str:
        if not is_plain(value):
            raise ValueError("holds characters that cannot be printed")
        return value


async def read(request: Request) -> NewAccount:
    """Read the account that a program asks for; called only once its token was checked.

    Raises:
        Problem: 400 undecodable, 413 too large, 422 with every field that is wrong.
    """
    body = await forms.read_body(request, _BODY_LIMIT_BYTES)
    try:
        return NewAccount.model_validate_json(body)
    except ValidationError as error:
        faults = error.errors(include_input=False)
    if any(fault["type"] == "json_invalid" for fault in faults):
        raise Problem(400, "The body is not JSON.")
    raise problems.invalid([(".".join(map(str, fault["loc"])) or "body", fault["msg"]) for fault in faults])
