"""A heap of nodes with the least first, in two arrays, compiled."""

from typing import Any

from numpy.typing import NDArray

from services.compiled import lean


@lean
def push(heap: NDArray[Any], costs: NDArray[Any], size: int, node: int, cost: float) -> int:
    """Put a node in; returns how many there are."""
    place = size
    while place > 0 and costs[(place - 1) // 2] > cost:
        costs[place], heap[place] = costs[(place - 1) // 2], heap[(place - 1) // 2]
        place = (place - 1) // 2
    costs[place], heap[place] = cost, node
    return size + 1


@lean
def drop_first(heap: NDArray[Any], costs: NDArray[Any], size: int) -> int:
    """Take the first node out; returns how many are left."""
    size -= 1
    cost, node, place = costs[size], heap[size], 0
    while 2 * place + 1 < size:
        child = 2 * place + 1
        if child + 1 < size and costs[child + 1] < costs[child]:
            child += 1
        if costs[child] >= cost:
            break
        costs[place], heap[place] = costs[child], heap[child]
        place = child
    costs[place], heap[place] = cost, node
    return size
