"""Texts by number: the same one for the same text, whatever else is kept."""

import random

import numpy as np

from services.index.texts import TextStore, copied


def text_of(store: TextStore, number: int) -> bytes:
    first, last = store.texts.starts[number : number + 2]
    return store.texts.all[first:last].tobytes()


def words(count: int, dice: random.Random) -> list[bytes]:
    return [bytes(dice.choices(b"abc", k=dice.randint(0, 12))) for _ in range(count)]


def test_every_text_is_kept_once_under_a_number_of_its_own() -> None:
    store, told = TextStore(), words(3_000, random.Random(1))
    numbers = [store.number_of(text) for text in told]
    assert [text_of(store, number) for number in numbers] == told
    assert store.count == len(set(told))
    assert [store.number_of(text) for text in told] == numbers


def test_many_at_once_get_the_numbers_that_they_would_get_one_by_one() -> None:
    single, at_once, dice = TextStore(), TextStore(), random.Random(3)
    for count in (1, 0, 700, 2_000):
        told = words(count, dice)
        assert at_once.numbers_of(told).tolist() == [single.number_of(text) for text in told]
    assert at_once.count == single.count
    assert [text_of(at_once, n) for n in range(single.count)] == [
        text_of(single, n) for n in range(single.count)
    ]


def test_some_of_them_can_be_taken_along_in_a_new_order() -> None:
    store, told = TextStore(), words(500, random.Random(2))
    numbers = [store.number_of(text) for text in told]
    wanted = list(dict.fromkeys(numbers[::-3]))
    new = copied(store, np.array(wanted, np.int32))
    assert [text_of(new, n) for n in range(new.count)] == [text_of(store, n) for n in wanted]
    assert new.number_of(text_of(store, wanted[7])) == 7
    assert new.number_of(b"unheard of") == len(wanted)


def test_a_reader_who_holds_the_texts_is_not_disturbed() -> None:
    store = TextStore()
    store.number_of(b"first")
    held = store.texts
    for text in words(2_000, random.Random(3)):
        store.number_of(text)
    assert held.all[held.starts[0] : held.starts[1]].tobytes() == b"first"
