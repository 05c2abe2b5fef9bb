"""Copying bytes between arrays as fast as the machine can: numba has no such function."""

from typing import TYPE_CHECKING, Any

from numba.core import cgutils, types
from numba.extending import intrinsic


@intrinsic
def _copy_bytes(_: Any, out: Any, at: Any, words: Any, first: Any, count: Any) -> Any:
    signature = types.void(out, at, words, first, count)

    def code(context: Any, builder: Any, signature: Any, values: Any) -> Any:
        to, start, source, begin, size = values
        out_type, _, words_type, _, _ = signature.args
        target = context.make_array(out_type)(context, builder, to).data
        origin = context.make_array(words_type)(context, builder, source).data
        cgutils.raw_memcpy(  # type: ignore[no-untyped-call]
            builder, builder.gep(target, [start]), builder.gep(origin, [begin]), size, 1
        )
        return context.get_dummy_value()

    return signature, code


if TYPE_CHECKING:

    def copy_bytes(out: Any, at: int, words: Any, first: int, count: int) -> None:
        """Copy ``words[first:first + count]`` to ``out[at:at + count]``; both of bytes, apart.

        Within compiled code only. Nothing is checked: there must be room.
        """
else:
    copy_bytes = _copy_bytes
