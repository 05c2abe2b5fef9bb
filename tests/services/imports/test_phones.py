import pytest

from services.imports.phones import Number, numbers_in


def said(text: str, country: str = "US") -> list[tuple[str, str, str]]:
    return [tuple(number) for number in numbers_in(text, label="main", country=country)[0]]  # type: ignore[misc]


@pytest.mark.parametrize(
    ("text", "number", "extension"),
    [
        ("215-204-0100", "+12152040100", ""),
        ("(215) 204.0100", "+12152040100", ""),
        ("843-383-4848 x13", "+18433834848", "13"),
        ("(215) 204-0100x2", "+12152040100", "2"),
        ("416-494-2120 ext 7", "+14164942120", "7"),
        ("215-204-0100, ext. 5", "+12152040100", "5"),
        ("1-800-662-HELP", "+18006624357", ""),
        ("402-717HOPE", "+14027174673", ""),
        ("888-85COMPA", "+18888526672", ""),
        ("844-NFIHOPE", "+18446344673", ""),
        ("988", "988", ""),
    ],
)
def test_a_number_is_read_as_people_write_it(text: str, number: str, extension: str) -> None:
    assert said(text) == [(number, extension, "main")]


def test_two_numbers_in_one_field_are_two() -> None:
    assert said("416-973-1314 ; Duty Counsel Office 416-594-9300", "CA") == [
        ("+14169731314", "", "main"),
        ("+14165949300", "", "Duty Counsel Office"),
    ]
    assert [number for number, _, _ in said("416-570-0796<BR>416-857-7559", "CA")] == [
        "+14165700796",
        "+14168577559",
    ]


def test_a_word_before_a_number_labels_it() -> None:
    assert said("New patients intake 416-864-3076", "CA")[0][2] == "intake"


def test_what_cannot_be_dialled_is_named_not_guessed() -> None:
    assert numbers_in("875-972-4000", label="main", country="US") == ([], ["875-972-4000"])
    assert numbers_in("Hospital inpatient", label="main", country="US")[0] == []
    assert numbers_in(None, label="main", country="US") == ([], [])


def test_the_same_number_twice_is_one() -> None:
    assert numbers_in("215-204-0100; 215 204 0100", label="intake", country="US")[0] == [
        Number("+12152040100", "", "intake")
    ]
