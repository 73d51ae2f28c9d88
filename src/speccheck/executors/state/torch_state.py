"""State of torch: defaults, threads, modes of automatic differentiation, precision, determinism and global hooks."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from speccheck.executors.state.item import Item, attribute, contents

_DEVICES = ("cpu", "cuda")
_PRECISIONS = (
    *((back_end, "all") for back_end in ("generic", "cuda", "mkldnn")),
    *((back_end, what) for back_end in ("cuda", "mkldnn") for what in ("matmul", "conv", "rnn")),
)


def torch_items() -> tuple[Item, ...]:
    """Return the items of torch, which is imported."""
    import torch

    return (
        Item("torch default device and function modes", _function_modes, _write_function_modes),
        Item("torch dispatch modes", torch._C._len_torch_dispatch_stack, _write_dispatch_modes),
        Item("torch default dtype", torch.get_default_dtype, torch.set_default_dtype),
        Item("torch threads", torch.get_num_threads, torch.set_num_threads),
        Item("torch interop threads", torch.get_num_interop_threads, torch.set_num_interop_threads),
        Item("torch warnings", torch.is_warn_always_enabled, torch.set_warn_always),
        contents("torch print options", vars(torch._tensor_str.PRINT_OPTS)),
        *_gradient_items(),
        *_precision_items(),
        *_hook_items(),
    )


def _function_modes() -> tuple[Any, int]:
    import torch

    return torch.get_default_device(), torch._C._len_torch_function_stack()


def _write_function_modes(saved: tuple[Any, int]) -> None:
    import torch
    from torch.utils import _device

    device, modes = saved
    torch.set_default_device(None)
    while torch._C._len_torch_function_stack() > modes:  # of blocks that audited code began and did not end
        torch._C._pop_torch_function_stack()
        _device.CURRENT_DEVICE = None
    if torch.get_default_device() != device:
        torch.set_default_device(device)


def _write_dispatch_modes(saved: int) -> None:
    import torch
    from torch.utils import _python_dispatch

    while torch._C._len_torch_dispatch_stack() > saved:
        _python_dispatch._pop_mode()


def _gradient_items() -> tuple[Item, ...]:
    import torch

    def anomaly() -> tuple[bool, bool]:
        return torch.is_anomaly_enabled(), torch.is_anomaly_check_nan_enabled()

    return (
        Item("torch grad mode", torch.is_grad_enabled, torch._C._set_grad_enabled),
        Item("torch inference mode", torch.is_inference_mode_enabled, _lost),
        Item("torch anomaly mode", anomaly, lambda saved: torch.set_anomaly_enabled(*saved)),
        Item("torch threads of backward", torch._C._is_multithreading_enabled, torch._C._set_multithreading_enabled),
        Item("torch autocast", _autocast, _write_autocast),
    )


def _lost(saved: object) -> None:
    """Nothing sets it back: only the end of the block that audited code began and still holds."""


def _autocast() -> tuple[Any, ...]:
    import torch

    devices = [(torch.is_autocast_enabled(device), torch.get_autocast_dtype(device)) for device in _DEVICES]
    torch.autocast_increment_nesting()
    return (*devices, torch.is_autocast_cache_enabled(), torch.autocast_decrement_nesting())


def _write_autocast(saved: tuple[Any, ...]) -> None:
    import torch

    *devices, cached, nesting = saved
    for _ in range(_autocast()[-1] - nesting):  # blocks that audited code began and did not end
        torch.autocast_decrement_nesting()
    torch.clear_autocast_cache()
    torch.set_autocast_cache_enabled(cached)
    for device, (enabled, dtype) in zip(_DEVICES, devices, strict=True):
        torch.set_autocast_enabled(device, enabled)
        torch.set_autocast_dtype(device, dtype)


def _precision_items() -> tuple[Item, ...]:
    import torch

    def deterministic() -> tuple[bool, bool]:
        return torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()

    return (
        Item(
            "torch deterministic mode",
            deterministic,
            lambda saved: torch.use_deterministic_algorithms(saved[0], warn_only=saved[1]),
        ),
        attribute("torch fill of uninitialized memory", torch.utils.deterministic, "fill_uninitialized_memory"),
        *(
            Item(f"torch flag {name}", partial(getattr, owner, flag), partial(setattr, owner, flag))
            for name, owner, flag in _flags()
        ),
        Item("torch precision", _precision, _write_precision),
        *(Item(f"torch attention {name}", read, write) for name, read, write in _attention()),
    )


def _precision() -> dict[Any, Any]:
    """The precision of float32 products, under its old names and the new ones.

    Torch refuses to read an old name of what was set by the new one.
    """
    import torch

    found: dict[Any, Any] = {}
    if hasattr(torch._C, "_get_fp32_precision_getter"):
        found = {place: torch._C._get_fp32_precision_getter(*place) for place in _PRECISIONS}
    for name, read, _ in _old_precisions():
        try:
            found[name] = read()
        except RuntimeError:
            found[name] = None
    return found


def _write_precision(saved: dict[Any, Any]) -> None:
    import torch

    for name, _, write in _old_precisions():
        if saved[name] is not None:
            write(saved[name])
    for place in _PRECISIONS:
        if place in saved:
            torch._C._set_fp32_precision_setter(*place, saved[place])


def _old_precisions() -> list[tuple[str, Callable[[], Any], Callable[[Any], object]]]:
    import torch

    cudnn = torch.backends.cudnn
    return [
        ("matmul", torch.get_float32_matmul_precision, torch.set_float32_matmul_precision),
        ("cudnn", partial(getattr, cudnn, "allow_tf32"), partial(setattr, cudnn, "allow_tf32")),
    ]


def _flags() -> list[tuple[str, Any, str]]:
    """The flags of back ends that this version has."""
    import torch

    backends = torch.backends
    cudnn = ("enabled", "benchmark", "benchmark_limit", "deterministic")
    wanted = [
        *((f"cudnn.{flag}", backends.cudnn, flag) for flag in cudnn),
        ("mkldnn.enabled", backends.mkldnn, "enabled"),
        ("mkldnn.deterministic", backends.mkldnn, "deterministic"),
        ("quantized.engine", backends.quantized, "engine"),
    ]
    return [(name, owner, flag) for name, owner, flag in wanted if hasattr(owner, flag)]


def _attention() -> list[tuple[str, Callable[[], bool], Callable[[bool], object]]]:
    import torch

    cuda = torch.backends.cuda
    return [
        ("flash", cuda.flash_sdp_enabled, cuda.enable_flash_sdp),
        ("memory-efficient", cuda.mem_efficient_sdp_enabled, cuda.enable_mem_efficient_sdp),
        ("plain", cuda.math_sdp_enabled, cuda.enable_math_sdp),
    ]


def _hook_items() -> tuple[Item, ...]:
    """What ``register_module_forward_hook`` and its like put into every module."""
    import torch

    modules = torch.nn.modules.module
    return tuple(
        contents(f"torch {name.removeprefix('_global_').replace('_', ' ')} of all modules", found)
        for name, found in sorted(vars(modules).items())
        if name.startswith("_global_") and isinstance(found, dict)
    )
