# SPDX-License-Identifier: Apache-2.0
"""What the source is run on: sizes for every dimension, then tensors, in two ways.

A dynamic dimension has another size in the second sample, so that what a trace has fixed shows.
"""

from dataclasses import dataclass

import numpy as np

from ..dtypes import NATIVE, name_of, storage_of
from ..errors import invalid, unsupported
from ..model import TensorSpec
from ..tensors import Tensor, expected_and_got
from .request import ConvertRequest

FLOAT32 = 1


@dataclass(frozen=True)
class Dimension:
    """A dynamic one."""

    name: str
    least: int
    most: int | None

    def sizes(self, number: int) -> tuple[int, int]:
        """Two of them; `number` keeps those of several dimensions apart."""
        first = max(self.least, 2) + number
        if self.most is not None:
            first = min(first, self.most)
        if self.most is None or 2 * first <= self.most:
            return first, 2 * first
        return first, self.least if first > self.least else self.most


@dataclass(frozen=True)
class Input:
    name: str
    dtype: int
    dims: tuple[int | Dimension, ...]


def _dimension(spec: TensorSpec, axis: int, request: ConvertRequest) -> Dimension:
    named = spec.dim_names[axis] if spec.dim_names else ""
    name = named or f"{spec.name}_{axis}"
    if name in request.dynamic:
        return Dimension(name, *request.dynamic[name])
    least = spec.min_shape[axis] if spec.min_shape else None
    most = spec.max_shape[axis] if spec.max_shape else None
    return Dimension(name, max(1, least or 1), most)


def _input(spec: TensorSpec, request: ConvertRequest) -> Input:
    given = request.given.get(spec.name)
    shape = spec.shape
    if shape is None and given is not None:
        shape = list(given.shape)
    if shape is None:
        raise invalid(
            f"input '{spec.name}': its shape is not known; give one (as {spec.name}=1,3,224,224, a "
            "word for a dynamic dimension), or inputs to run on"
        )
    dtype = spec.dtype or (given.dtype if given is not None else FLOAT32)
    if storage_of(dtype) is None:
        raise unsupported(f"input '{spec.name}': {name_of(dtype)} is not taken by exporters")
    dims = [
        size if size >= 0 else _dimension(spec, axis, request) for axis, size in enumerate(shape)
    ]
    return Input(spec.name, dtype, tuple(dims))


def _check_given(inputs: list[Input], given: dict[str, Tensor]) -> None:
    names = [each.name for each in inputs]
    if set(given) != set(names):
        raise invalid(f"expected inputs {', '.join(names)}; got {', '.join(given)}")
    for each in inputs:
        tensor = given[each.name]
        fits = len(tensor.shape) == len(each.dims) and tensor.dtype == each.dtype
        if not fits or any(
            isinstance(dim, int) and dim != size
            for dim, size in zip(each.dims, tensor.shape, strict=True)
        ):
            dims = ",".join(d.name if isinstance(d, Dimension) else str(d) for d in each.dims)
            raise invalid(
                f"input '{each.name}': expected {name_of(each.dtype)}[{dims}], got "
                f"{expected_and_got(tensor)}"
            )


def inputs_of(specs: list[TensorSpec], request: ConvertRequest) -> list[Input]:
    """Raises TypedError where a shape is not known, or what was given does not fit."""
    inputs = [_input(each, request) for each in specs]
    known = dimensions(inputs)
    for name in request.dynamic:
        if name not in known:
            raise invalid(
                f"dynamic '{name}': no input has a dimension of that name; there are "
                f"{', '.join(known) or 'none'}; a shape names them, as x={name},3,224,224"
            )
    for each in known.values():
        if request.format == "executorch" and each.most is None:
            raise invalid(
                f"dynamic '{each.name}': ExecuTorch plans its memory for the largest size, and "
                f"this has none; give bounds, as {each.name}={each.least}-32"
            )
    if request.given:
        _check_given(inputs, request.given)
    return inputs


def dimensions(inputs: list[Input]) -> dict[str, Dimension]:
    return {d.name: d for each in inputs for d in each.dims if isinstance(d, Dimension)}


def _sizes_given(inputs: list[Input], given: dict[str, Tensor]) -> dict[str, int]:
    sizes: dict[str, int] = {}
    for each in inputs:
        for dim, size in zip(each.dims, given[each.name].shape, strict=True):
            if not isinstance(dim, Dimension):
                continue
            if sizes.setdefault(dim.name, size) != size:
                raise invalid(f"dimension '{dim.name}' is {sizes[dim.name]} and {size} of inputs")
            if size < dim.least or (dim.most is not None and size > dim.most):
                raise invalid(
                    f"input '{each.name}': dimension '{dim.name}' is {size}, and not of "
                    f"{dim.least}-{dim.most}"
                )
    return sizes


def _random(each: Input, shape: tuple[int, ...], seed: tuple[int, ...]) -> Tensor:
    """Floats of [0, 1); integers 0 or 1, which are valid as indices and as masks."""
    random = np.random.default_rng(seed)
    if each.dtype in NATIVE:
        storage = NATIVE[each.dtype]
        is_float = storage.kind in "fc"
        values = random.random(shape) if is_float else random.integers(0, 2, shape)
        return Tensor(each.dtype, shape, values.astype(storage))
    raise unsupported(
        f"input '{each.name}': no random {name_of(each.dtype)} is made; give inputs to run on"
    )


def _part(tensor: Tensor, shape: tuple[int, ...]) -> Tensor:
    data = tensor.data[tuple(slice(size) for size in shape)]
    return Tensor(tensor.dtype, shape, np.ascontiguousarray(data).reshape(shape))


def make(inputs: list[Input], request: ConvertRequest) -> list[list[Tensor]]:
    """Two samples; of inputs that were given, and have no dynamic dimension, one."""
    known = dimensions(inputs)
    if request.given:
        sizes = _sizes_given(inputs, request.given)
        smaller = {name: max(known[name].least, -(-size // 2)) for name, size in sizes.items()}
        ways = [sizes] + ([smaller] if smaller != sizes else [])
    else:
        pairs = {name: each.sizes(i) for i, (name, each) in enumerate(known.items())}
        ways = [{name: pair[way] for name, pair in pairs.items()} for way in (0, 1)]
    samples = []
    for number, way in enumerate(ways):
        sample = []
        for i, each in enumerate(inputs):
            shape = tuple(way[d.name] if isinstance(d, Dimension) else d for d in each.dims)
            if request.given:
                sample.append(_part(request.given[each.name], shape))
            else:
                sample.append(_random(each, shape, (request.seed, number, i)))
        samples.append(sample)
    return samples
