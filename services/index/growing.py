"""Arrays with room to grow."""

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)


def grown(array: NDArray[T], needed: int) -> NDArray[T]:
    """The array itself if it holds ``needed`` items, else a copy of twice that size, zero beyond.

    The old one stays as it is: whoever still reads it is not disturbed.
    """
    if needed <= len(array):
        return array
    larger = np.zeros((2 * needed, *array.shape[1:]), dtype=array.dtype)
    larger[: len(array)] = array
    return larger
