# SPDX-License-Identifier: Apache-2.0
"""Tensors against NumPy: dtypes, strides, byte order, empty and read-only memory, lifetime."""

import gc
import weakref

import hypothesis
import hypothesis.extra.numpy as arrays
import hypothesis.strategies as st
import ml_dtypes
import numpy as np
import pytest
from support import address

import xpuruntime as xrt

DTYPES = [
    np.dtype(name)
    for name in (
        *("bool", "int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64"),
        *("float16", "float32", "float64", "longlong", "ulonglong", ml_dtypes.bfloat16),
    )
]

hypothesis.settings.register_profile("here", deadline=None, max_examples=150)
hypothesis.settings.load_profile("here")


@st.composite
def numpy_arrays(draw: st.DrawFn) -> np.ndarray:
    """Arrays of every dtype, rank 0 to 4, with empty dimensions, of any stride and byte order."""
    dtype = draw(st.sampled_from(DTYPES))
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    count = int(np.prod(shape)) * dtype.itemsize
    raw = draw(st.binary(min_size=count, max_size=count))
    array = np.frombuffer(bytearray(raw), np.uint8)
    array = (array % 2 if dtype.kind == "b" else array).view(dtype).reshape(shape)
    if dtype.kind != "V" and dtype != ml_dtypes.bfloat16 and draw(st.booleans()):
        array = array.astype(dtype.newbyteorder(">"))
    if array.ndim and draw(st.booleans()):
        array = array.transpose(draw(st.permutations(range(array.ndim))))
    if array.ndim and draw(st.booleans()):
        array = array[(slice(None, None, draw(st.sampled_from([-1, 2]))),)]
    array.flags.writeable = draw(st.booleans())
    return array


def bits(array: np.ndarray) -> tuple:
    native = np.ascontiguousarray(array).astype(array.dtype.newbyteorder("="), copy=False)
    return native.dtype.name, array.shape, native.tobytes()


@hypothesis.given(numpy_arrays())
def test_a_tensor_holds_what_the_array_holds(array: np.ndarray):
    tensor = xrt.Tensor.from_numpy(array)
    assert bits(tensor.numpy()) == bits(array)
    assert tensor.shape == array.shape
    assert tensor.dtype == array.dtype.newbyteorder("=")
    assert tensor.byte_size == array.nbytes
    assert tensor.numpy().flags.c_contiguous


@hypothesis.given(numpy_arrays())
def test_it_copies_only_what_has_to_be(array: np.ndarray):
    dense = array.flags.c_contiguous and array.dtype.isnative
    shares = address(xrt.Tensor.from_numpy(array).numpy()) == address(array)
    assert shares == dense or array.size == 0
    if dense:
        assert xrt.Tensor.from_numpy(array, copy=False).read_only == (not array.flags.writeable)
    else:
        with pytest.raises(xrt.InvalidArgumentError, match="copied"):
            xrt.Tensor.from_numpy(array, copy=False)
    copy = xrt.Tensor.from_numpy(array, copy=True)
    assert bits(copy.numpy()) == bits(array)
    assert array.size == 0 or not np.shares_memory(copy.numpy(), array)


@hypothesis.given(numpy_arrays())
def test_a_round_through_dlpack_shares_memory(array: np.ndarray):
    if array.dtype == ml_dtypes.bfloat16:
        hypothesis.reject()  # NumPy's own DLPack has no bfloat16
    tensor = xrt.Tensor.from_numpy(array)
    back = np.from_dlpack(tensor)
    assert bits(back) == bits(array)
    assert back.flags.writeable == (not tensor.read_only)
    again = xrt.Tensor.from_dlpack(back)
    assert bits(again.numpy()) == bits(array)
    assert again.read_only == tensor.read_only
    assert array.size == 0 or again.data_ptr == tensor.data_ptr


@hypothesis.given(numpy_arrays())
def test_an_array_with_strides_comes_in_through_dlpack(array: np.ndarray):
    if array.dtype == ml_dtypes.bfloat16 or not array.dtype.isnative:
        hypothesis.reject()  # NumPy's own DLPack has neither

    class Peer:
        def __dlpack__(self, **options: object) -> object:
            return array.__dlpack__(**options)

        def __dlpack_device__(self) -> tuple[int, int]:
            return array.__dlpack_device__()

    assert bits(xrt.Tensor.from_dlpack(Peer()).numpy()) == bits(array)


def test_bfloat16_goes_through_dlpack():
    tensor = xrt.Tensor.from_numpy(np.arange(4).astype(ml_dtypes.bfloat16))
    again = xrt.Tensor.from_dlpack(tensor)
    assert again.dtype == xrt.DType.bfloat16
    assert again.data_ptr == tensor.data_ptr


def test_a_peer_of_the_older_dlpack_is_understood():
    array = np.arange(6, dtype=np.float32)

    class Older:
        def __dlpack__(self, stream: object = None) -> object:
            return array.__dlpack__()

        def __dlpack_device__(self) -> tuple[int, int]:
            return (1, 0)

    tensor = xrt.Tensor.from_dlpack(Older())
    assert tensor.data_ptr == address(array)
    assert not tensor.read_only


def test_an_error_of_the_peer_comes_through():
    class Broken:
        def __dlpack__(self, **options: object) -> object:
            raise RuntimeError("not today")

    with pytest.raises(RuntimeError, match="not today"):
        xrt.Tensor.from_dlpack(Broken())


def test_a_capsule_that_is_used_is_refused():
    capsule = xrt.Tensor(np.float32, [2]).__dlpack__(max_version=(1, 0))

    class Once:
        def __dlpack__(self, **options: object) -> object:
            return capsule

    xrt.Tensor.from_dlpack(Once())
    with pytest.raises(xrt.InvalidArgumentError, match="nobody has taken"):
        xrt.Tensor.from_dlpack(Once())


@pytest.mark.parametrize("max_version", [None, (1, 0)])
@pytest.mark.parametrize("taken", [False, True])
def test_memory_is_released_once_whoever_goes_first(taken: bool, max_version: tuple | None):
    array = np.arange(3.0)
    alive = weakref.ref(array)
    tensor = xrt.Tensor.from_numpy(array)
    del array

    class Peer:
        capsule = tensor.__dlpack__(max_version=max_version)

        def __dlpack__(self, **options: object) -> object:
            return self.capsule

    view = xrt.Tensor.from_dlpack(Peer()) if taken else None
    del tensor
    gc.collect()
    assert alive() is not None
    del Peer.capsule
    gc.collect()
    assert (alive() is not None) == taken
    if view is not None:
        np.testing.assert_array_equal(view.numpy(), [0, 1, 2])
    del view
    gc.collect()
    assert alive() is None


def test_dlpack_says_what_it_cannot():
    tensor = xrt.Tensor.from_numpy(np.broadcast_to(np.float32(1), (2,)).copy())
    assert tensor.__dlpack_device__() == (1, 0)
    with pytest.raises(BufferError, match="stream"):
        tensor.__dlpack__(stream=1)
    with pytest.raises(BufferError, match="device"):
        tensor.__dlpack__(dl_device=(2, 0))
    fixed = np.zeros(2)
    fixed.flags.writeable = False
    read_only = xrt.Tensor.from_numpy(fixed)
    with pytest.raises(BufferError, match="read-only"):
        read_only.__dlpack__()
    assert np.from_dlpack(read_only).flags.writeable is False
    assert np.from_dlpack(read_only, copy=True).flags.writeable is True


def test_views_share_memory():
    array = np.arange(12, dtype=np.int32).reshape(4, 3)
    tensor = xrt.Tensor.from_numpy(array)
    np.testing.assert_array_equal(tensor[1:3].numpy(), array[1:3])
    np.testing.assert_array_equal(tensor[-1:].numpy(), array[-1:])
    np.testing.assert_array_equal(tensor.reshape(2, -1).numpy(), array.reshape(2, -1))
    np.testing.assert_array_equal(tensor.reshape((12,)).numpy(), array.reshape(12))
    assert tensor[1:].shares_memory(tensor)
    assert not tensor.clone().shares_memory(tensor)
    assert len(tensor) == 4
    tensor.numpy()[0, 0] = 7
    assert array[0, 0] == 7
    with pytest.raises(xrt.InvalidArgumentError, match="step 1"):
        tensor[::2]
    with pytest.raises(xrt.InvalidArgumentError, match="reshape"):
        tensor.reshape(5)
    with pytest.raises(xrt.InvalidArgumentError):
        xrt.Tensor(np.float32, [])[0:0]
    with pytest.raises(TypeError):
        len(xrt.Tensor(np.float32, []))


def test_numpy_takes_it_as_an_array():
    tensor = xrt.Tensor.from_numpy(np.arange(3, dtype=np.float32))
    assert address(np.asarray(tensor)) == tensor.data_ptr
    assert np.asarray(tensor, dtype=np.float64).dtype == np.float64
    assert address(np.array(tensor, copy=True)) != tensor.data_ptr
    with pytest.raises(ValueError, match="copy"):
        np.asarray(tensor, dtype=np.float64, copy=False)
    assert (np.asarray(tensor) + tensor.numpy()).sum() == 6


def test_an_array_outlives_its_tensor_and_pool():
    pool = xrt.MemoryPool()
    array = pool.allocate("float32", (1000,)).numpy()
    array[:] = 3
    statistics = pool.statistics()
    assert statistics.in_use_bytes == 4000
    assert statistics.allocations == 1
    del pool
    gc.collect()
    assert array.sum() == 3000


def test_a_pool_gives_memory_again():
    pool = xrt.MemoryPool(max_retained_bytes=1 << 20)
    for _ in range(3):
        pool.allocate(np.int64, [16])
    assert pool.statistics().reuses == 2
    assert pool.statistics().retained_bytes == 128
    assert pool.trim() == 128


def test_what_is_no_tensor_is_refused():
    for value in ([1.0], 1.0, "text", np.float32(1)):
        with pytest.raises(xrt.InvalidArgumentError, match=r"numpy\.asarray"):
            xrt.Tensor.from_numpy(value)
    with pytest.raises(xrt.InvalidArgumentError, match="complex64"):
        xrt.Tensor.from_numpy(np.zeros(2, np.complex64))
    with pytest.raises(xrt.InvalidArgumentError, match="object"):
        xrt.Tensor.from_numpy(np.array(["a"], object))
    with pytest.raises(xrt.InvalidArgumentError):
        xrt.Tensor.from_numpy(np.ma.masked_array([1.0], mask=[True]))
    with pytest.raises(xrt.InvalidArgumentError, match="negative"):
        xrt.Tensor(np.float32, [-1])


def test_dtypes_are_numpys():
    for dtype in DTYPES:
        ours = xrt.DType.parse(dtype)
        assert np.dtype(ours) == dtype
        assert ours.itemsize == dtype.itemsize
        assert xrt.DType.parse(ours.name) is ours is xrt.DType.parse(ours)
    assert xrt.DType.float32 == np.dtype("float32")
    assert xrt.DType.parse(np.float16) is xrt.DType.float16
    with pytest.raises(xrt.InvalidArgumentError, match="float32"):
        xrt.DType.parse("float31")
    with pytest.raises(xrt.UnsupportedOperationError, match="int4"):
        np.dtype(xrt.DType.int4)


def test_words_describe_it():
    tensor = xrt.Tensor("float16", (2, 3))
    assert repr(tensor) == "<xpuruntime.Tensor float16[2,3] on cpu>"
    assert str(tensor.device) == "cpu"
    assert repr(xrt.Device("cuda:1")) == "Device('cuda:1')"
    assert {xrt.Device("cuda"), xrt.Device("cuda:0")} == {xrt.Device("cuda:0")}
    assert xrt.Device("cuda:1").type == xrt.DeviceType.cuda
    assert xrt.Device("cpu") != "cpu"
    with pytest.raises(xrt.InvalidArgumentError, match="toaster"):
        xrt.Device("toaster")
