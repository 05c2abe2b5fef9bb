"""Fills admin forms as a browser would: with the values that the page shows."""

from html.parser import HTMLParser
from typing import Any

from django.test import Client


class _Inputs(HTMLParser):
    def __init__(self, form: str) -> None:
        super().__init__()
        self.form, self.inside, self.select, self.area = form, False, "", ""
        self.values: dict[str, Any] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        name, value = said.get("name") or "", said.get("value") or ""
        if tag == "form":
            self.inside = said.get("id") == self.form
        elif tag == "option":
            if self.select and "selected" in said:
                self.values[self.select] = value
        elif tag == "select":
            usable = self.inside and "__prefix__" not in name and "disabled" not in said
            self.select = name if usable else ""
        elif not self.inside or "__prefix__" in name or "disabled" in said:
            return
        elif tag == "input" and said.get("type") not in {"submit", "radio", "checkbox"}:
            self.values[name] = value
        elif tag == "input" and "checked" in said:
            checkbox = said.get("type") == "checkbox"
            self.values[name] = [*self.values.get(name, []), value] if checkbox else value
        elif tag == "textarea":
            self.area = name
            self.values[name] = ""

    def handle_data(self, data: str) -> None:
        if self.area:
            self.values[self.area] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.inside = False
        if tag == "textarea":
            self.area = ""


def values_on(client: Client, url: str, form: str) -> dict[str, Any]:
    """What a browser would send if the form were submitted as it stands."""
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    inputs = _Inputs(form)
    inputs.feed(response.content.decode())
    return inputs.values


def submit(client: Client, url: str, form: str, **changes: Any) -> Any:
    """Open a page, change some values and send the rest as it stands."""
    return client.post(url, values_on(client, url, form) | changes)


def errors_of(response: Any) -> dict[str, list[str]]:
    """The errors of an admin form that was not accepted."""
    return dict(response.context["adminform"].form.errors)
