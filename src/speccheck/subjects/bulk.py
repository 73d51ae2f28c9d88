"""Marks of numbers in bulk: tensors, arrays, buffers and pictures, by checksum as far as that is cheap."""

from __future__ import annotations

import array
import sys
import zlib
from dataclasses import dataclass
from typing import Any

EACH = 4 * 2**20
"""The bytes of a tensor up to which a checksum covers it. A larger one has its version, and a checksum of a sample."""

ALL = 64 * 2**20
"""The bytes of one subject that checksums cover; arrays beyond have a checksum of a sample."""

_SAMPLE = 256
"""The elements in a sample, at least."""

_REFUSED = (RuntimeError, TypeError, ValueError, BufferError)
"""The errors of libraries for content that they do not show as bytes: quantized, nested, without a device."""

_PLAIN = frozenset({bool, int, float, str, bytes, tuple, type(None)})


@dataclass(frozen=True)
class _Picture:
    """What a picture of Pillow shows. Pillow reads a file when its pixels are asked for: ``content`` is None before.

    To read it is no change, so a picture that is not read yet equals any of the same frame.
    """

    frame: int
    content: tuple[Any, ...] | None

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _Picture):
            return NotImplemented
        read = self.content is not None and other.content is not None
        return self.frame == other.frame and (not read or self.content == other.content)

    def __hash__(self) -> int:
        return self.frame


class Bulk:
    """Marks the tensors, arrays, buffers and pictures of one subject; all of them share :data:`ALL`."""

    def __init__(self) -> None:
        self._left = ALL
        self._torch: Any = sys.modules.get("torch")
        self._numpy: Any = sys.modules.get("numpy")
        self._tensor = getattr(self._torch, "Tensor", ())
        self._array = getattr(self._numpy, "ndarray", ())
        self._picture = getattr(sys.modules.get("PIL.Image"), "Image", ())
        self._scalars = (getattr(self._numpy, "generic", bytearray), getattr(self._torch, "device", bytearray))

    def mark(self, value: Any) -> tuple[Any, ...] | None:
        """Return a mark that differs once the content is changed, or None for a value of another kind."""
        kind = type(value)
        if issubclass(kind, self._tensor):
            with self._torch._C.DisableTorchFunctionSubclass():
                return self._of_tensor(value)
        if issubclass(kind, self._array):
            return self._of_array(value)
        if issubclass(kind, (bytearray, array.array)):
            return (len(value), zlib.crc32(value))
        if issubclass(kind, self._picture) and kind.__module__.startswith("PIL."):  # no class of the audited code
            return (_Picture(value.tell(), self._of_picture(value)),)
        return (kind.__name__, str(value)) if issubclass(kind, self._scalars) else None

    def held(self, value: Any) -> list[tuple[str, Any]]:
        """Return what it holds: the gradient and the hooks of a tensor, the objects of an array."""
        if issubclass(type(value), self._tensor):
            with self._torch._C.DisableTorchFunctionSubclass():
                names = ("grad", "_backward_hooks") if value.is_leaf else ("_backward_hooks",)
                return [(name, found) for name in names if (found := getattr(value, name, None)) is not None]
        if issubclass(type(value), self._array) and value.dtype.hasobject:
            return [("tolist()", self._numpy.asarray(value).tolist())]
        return []

    def _of_tensor(self, tensor: Any) -> tuple[Any, ...]:
        form = (tensor.dtype, _shape(tensor), str(tensor.device), tensor.requires_grad)
        place = (_version(tensor), _address(tensor))
        if tensor.device.type != "cpu" or not tensor.numel():
            return (*form, place if tensor.numel() else None)
        try:
            if tensor.numel() * tensor.element_size() <= min(EACH, self._left):
                return (*form, self._sum(tensor.detach().reshape(-1).view(self._torch.uint8).numpy()))
            sample = _sample_of(tensor.detach()).view(self._torch.uint8)
            return (*form, place, self._sum(sample.numpy()))
        except _REFUSED:
            return (*form, place)

    def _of_array(self, found: Any) -> tuple[Any, ...]:
        form = (found.dtype.str, found.shape, found.flags.writeable)
        if found.dtype.hasobject or not found.size:
            return form
        if _constant(found, self._array):
            return (*form, found.__array_interface__["data"])
        try:
            if found.nbytes > self._left:
                found = found.flat[:: max(1, found.size // _SAMPLE)]
            return (*form, self._sum(self._numpy.ascontiguousarray(found).reshape(-1).view("u1")))
        except _REFUSED:
            return form

    def _of_picture(self, picture: Any) -> tuple[Any, ...] | None:
        own = vars(picture)
        if own.get("_im", own.get("im")) is None or own.get("tile"):
            return None
        info = {name: item for name, item in picture.info.items() if type(name) in _PLAIN and type(item) in _PLAIN}
        form = (picture.mode, picture.size, info)
        if 4 * picture.width * picture.height > self._left:
            picture = picture.resize((16, 16), resample=0)
        try:
            return (*form, self._sum(memoryview(picture.tobytes())))
        except (*_REFUSED, OSError):
            return form

    def _sum(self, content: Any) -> int:
        self._left -= content.nbytes
        return zlib.crc32(content)


def _sample_of(tensor: Any) -> Any:
    """A few elements, far apart."""
    flat = tensor.view(-1) if tensor.is_contiguous() else tensor[0].reshape(-1)
    return flat[:: max(1, flat.numel() // _SAMPLE)].contiguous()


def _shape(tensor: Any) -> tuple[int, ...] | None:
    try:
        return tuple(tensor.shape)
    except RuntimeError:  # it is nested
        return None


def _version(tensor: Any) -> int | None:
    try:
        return int(tensor._version)
    except RuntimeError:  # made in inference mode
        return None


def _address(tensor: Any) -> int | None:
    try:
        return int(tensor.data_ptr())
    except RuntimeError:  # it has no storage, or one that is not shown
        return None


def _constant(found: Any, kind: Any) -> bool:
    """Whether nothing writes into the array: neither it nor what it is a view of may be written, down to a file."""
    while issubclass(type(found), kind):
        if found.flags.writeable:
            return False
        found = found.base
    return type(found).__name__ in ("bytes", "mmap")
