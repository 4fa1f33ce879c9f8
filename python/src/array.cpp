// SPDX-License-Identifier: Apache-2.0
#include "array.h"

#define NPY_NO_DEPRECATED_API NPY_2_0_API_VERSION
#include <numpy/arrayobject.h>

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "dlpack.h"
#include "dtype_table.h"
#include "object_release.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

static_assert(sizeof(npy_intp) == sizeof(int64_t));

constexpr size_t kDTypes = 32;

// By DType: a strong reference, null where it was not asked for yet.
std::array<PyArray_Descr*, kDTypes> descriptors{};
// By NumPy's number of its own types.
std::array<DType, NPY_NTYPES_LEGACY> own_types{};

const ElementType* element_type(DType dtype) {
  const auto* found = std::ranges::find(kElementTypes, dtype, &ElementType::dtype);
  return found == std::end(kElementTypes) ? nullptr : found;
}

PyArray_Descr* make_descriptor(DType dtype) {
  const ElementType* type = element_type(dtype);
  const std::string name(dtype_name(dtype));
  if (type == nullptr) {
    throw UnsupportedOperationError("NumPy arrays of dtype " + name + " are not supported yet");
  }
  nb::object scalar_type = nb::str(name.c_str());
  if (!type->is_numpys_own) {
    try {
      scalar_type = nb::module_::import_("ml_dtypes").attr(name.c_str());
    } catch (const nb::python_error& error) {
      if (!error.matches(PyExc_ImportError)) throw;
      throw UnsupportedOperationError("NumPy has dtype " + name +
                                      " through ml_dtypes alone: pip install ml_dtypes");
    }
  }
  PyArray_Descr* descriptor = nullptr;
  if (PyArray_DescrConverter(scalar_type.ptr(), &descriptor) == 0) nb::raise_python_error();
  return descriptor;
}

/// A borrowed reference.
PyArray_Descr* descriptor_of(DType dtype) {
  PyArray_Descr*& cached = descriptors.at(static_cast<size_t>(dtype));
  if (cached == nullptr) cached = make_descriptor(dtype);
  return cached;
}

std::string text_of(nb::handle object) { return nb::str(object).c_str(); }

/// kUndefined where tensors hold no such type.
DType dtype_of(PyArray_Descr* descriptor) {
  const int number = descriptor->type_num;
  if (number >= 0 && number < NPY_NTYPES_LEGACY) return own_types[static_cast<size_t>(number)];
  if (!PyTypeNum_ISUSERDEF(number)) return DType::kUndefined;
  const nb::handle type(reinterpret_cast<PyObject*>(descriptor->typeobj));
  if (text_of(type.attr("__module__")) != "ml_dtypes") return DType::kUndefined;
  const std::string name = text_of(type.attr("__name__"));
  for (const ElementType& each : kElementTypes) {
    if (!each.is_numpys_own && dtype_name(each.dtype) == name) return each.dtype;
  }
  return DType::kUndefined;
}

DType checked_dtype(PyArray_Descr* descriptor, const Place& what) {
  const DType dtype = dtype_of(descriptor);
  if (dtype != DType::kUndefined) return dtype;
  throw InvalidArgumentError(to_string(what) + ": tensors do not hold NumPy's dtype " +
                             text_of(reinterpret_cast<PyObject*>(descriptor)));
}

/// Why an array has to be copied to be a tensor; null when it has not.
const char* why_copied(PyArrayObject* array) {
  if (!PyArray_ISNOTSWAPPED(array)) return "its bytes are not in the machine's order";
  return PyArray_IS_C_CONTIGUOUS(array) ? nullptr : "it is not contiguous";
}

Tensor wrap_array(PyArrayObject* array, const Place& what) {
  const DType dtype = checked_dtype(PyArray_DESCR(array), what);
  const Shape shape(std::span(reinterpret_cast<const int64_t*>(PyArray_DIMS(array)),
                              static_cast<size_t>(PyArray_NDIM(array))));
  void* data = PyArray_DATA(array);
  const ObjectRelease release{reinterpret_cast<PyObject*>(array)};
  Tensor tensor = PyArray_ISWRITEABLE(array) ? Tensor::wrap(data, dtype, shape, release)
                                             : Tensor::wrap_read_only(data, dtype, shape, release);
  Py_INCREF(release.object);  // only now: a wrap that throws does not release
  return tensor;
}

Tensor copy_array(PyArrayObject* array, const Place& what) {
  PyArray_Descr* wanted = descriptor_of(checked_dtype(PyArray_DESCR(array), what));
  Py_INCREF(wanted);  // stolen by the call
  PyObject* dense = PyArray_FromArray(
      array, wanted, NPY_ARRAY_C_CONTIGUOUS | NPY_ARRAY_NOTSWAPPED | NPY_ARRAY_ENSURECOPY);
  if (dense == nullptr) nb::raise_python_error();
  const nb::object owner = nb::steal(dense);
  return wrap_array(reinterpret_cast<PyArrayObject*>(dense), what);
}

Tensor tensor_of_array(PyArrayObject* array, const Place& what, CopyRule rule,
                       std::vector<CopyRecord>* copies) {
  const char* why = why_copied(array);
  if (why == nullptr) return wrap_array(array, what);
  if (rule == CopyRule::kNever) {
    throw InvalidArgumentError(to_string(what) + ": the array would have to be copied, for " + why +
                               "; numpy.ascontiguousarray makes one that need not");
  }
  Tensor tensor = copy_array(array, what);
  if (copies != nullptr) copies->push_back({std::string(what.name), tensor.byte_size(), why});
  return tensor;
}

bool is_masked(nb::handle array) { return nb::hasattr(array, "mask"); }

}  // namespace

std::string to_string(const Place& place) {
  std::string text(place.role);
  if (!place.name.empty()) text.append(" '").append(place.name).append("'");
  return text;
}

void import_numpy() {
  if (_import_array() < 0) nb::raise_python_error();
  for (int number = 0; number < NPY_NTYPES_LEGACY; ++number) {
    DType& dtype = own_types[static_cast<size_t>(number)];
    dtype = DType::kUndefined;
    // By kind and size: NumPy has two numbers for some of C's integers.
    PyArray_Descr* descriptor = PyArray_DescrFromType(number);
    if (descriptor == nullptr) {
      PyErr_Clear();
      continue;
    }
    const nb::object owner = nb::steal(reinterpret_cast<PyObject*>(descriptor));
    for (const ElementType& each : kElementTypes) {
      if (!each.is_numpys_own) continue;
      if (descriptor_of(each.dtype)->kind == descriptor->kind &&
          element_size(each.dtype) == static_cast<size_t>(PyDataType_ELSIZE(descriptor))) {
        dtype = each.dtype;
      }
    }
  }
}

Tensor tensor_of(nb::handle value, const Place& what, CopyRule rule,
                 std::vector<CopyRecord>* copies) {
  if (PyArray_CheckExact(value.ptr())) {
    return tensor_of_array(reinterpret_cast<PyArrayObject*>(value.ptr()), what, rule, copies);
  }
  if (nb::isinstance<Tensor>(value)) return *nb::inst_ptr<Tensor>(value);
  if (PyArray_Check(value.ptr()) && !is_masked(value)) {
    return tensor_of_array(reinterpret_cast<PyArrayObject*>(value.ptr()), what, rule, copies);
  }
  if (!PyArray_Check(value.ptr()) && nb::hasattr(value, "__dlpack__")) {
    return tensor_of_dlpack(value, what, rule, copies);
  }
  throw InvalidArgumentError(
      to_string(what) +
      ": expected a NumPy array, an xpuruntime.Tensor or an object with "
      "__dlpack__, got " +
      nb::inst_name(value).c_str() +
      "; numpy.asarray(value, dtype=...) makes an array, of the dtype that you name");
}

Tensor writable_tensor_of(nb::handle value, const Place& what) {
  Tensor tensor = tensor_of(value, what, CopyRule::kNever);
  if (tensor.read_only()) {
    throw InvalidArgumentError(to_string(what) + ": the memory given for it is read-only");
  }
  return tensor;
}

nb::object array_of(Tensor&& tensor) {
  if (tensor.device().type != DeviceType::kCpu) {
    throw InvalidArgumentError("NumPy sees memory of the host alone, not " + to_string(tensor));
  }
  if (tensor.shape().rank() > NPY_MAXDIMS) {
    throw InvalidArgumentError("NumPy's arrays have at most " + std::to_string(NPY_MAXDIMS) +
                               " dimensions, not those of " + to_string(tensor));
  }
  PyArray_Descr* descriptor = descriptor_of(tensor.dtype());
  Py_INCREF(descriptor);  // stolen by the call
  PyObject* made =
      PyArray_NewFromDescr(&PyArray_Type, descriptor, static_cast<int>(tensor.shape().rank()),
                           reinterpret_cast<const npy_intp*>(tensor.shape().data()), nullptr,
                           const_cast<void*>(tensor.data()),
                           tensor.read_only() ? NPY_ARRAY_CARRAY_RO : NPY_ARRAY_CARRAY, nullptr);
  if (made == nullptr) nb::raise_python_error();
  nb::object array = nb::steal(made);
  if (tensor.data() == nullptr) return array;  // of no bytes: NumPy took memory of its own
  const nb::capsule owner(new Tensor(std::move(tensor)),
                          [](void* held) noexcept { delete static_cast<Tensor*>(held); });
  if (PyArray_SetBaseObject(reinterpret_cast<PyArrayObject*>(made), owner.inc_ref().ptr()) < 0) {
    nb::raise_python_error();
  }
  return array;
}

nb::object strided_array_of(const void* data, DType dtype, std::span<const int64_t> shape,
                            std::span<const int64_t> strides, nb::handle owner) {
  std::vector<npy_intp> byte_strides(strides.begin(), strides.end());
  for (npy_intp& stride : byte_strides) stride *= static_cast<npy_intp>(element_size(dtype));
  PyArray_Descr* descriptor = descriptor_of(dtype);
  Py_INCREF(descriptor);  // stolen by the call
  PyObject* made = PyArray_NewFromDescr(&PyArray_Type, descriptor, static_cast<int>(shape.size()),
                                        reinterpret_cast<const npy_intp*>(shape.data()),
                                        byte_strides.data(), const_cast<void*>(data), 0, nullptr);
  if (made == nullptr) nb::raise_python_error();
  nb::object array = nb::steal(made);
  if (PyArray_SetBaseObject(reinterpret_cast<PyArrayObject*>(made), owner.inc_ref().ptr()) < 0) {
    nb::raise_python_error();
  }
  return array;
}

nb::object numpy_dtype(DType dtype) {
  return nb::borrow(reinterpret_cast<PyObject*>(descriptor_of(dtype)));
}

DType dtype_of_numpy(nb::handle dtype) {
  return checked_dtype(reinterpret_cast<PyArray_Descr*>(dtype.ptr()), {"dtype"});
}

bool is_numpy_dtype(nb::handle dtype) { return PyArray_DescrCheck(dtype.ptr()); }

nb::object as_numpy_dtype(nb::handle dtype) {
  PyArray_Descr* descriptor = nullptr;
  if (PyArray_DescrConverter(dtype.ptr(), &descriptor) == 0) nb::raise_python_error();
  return nb::steal(reinterpret_cast<PyObject*>(descriptor));
}

}  // namespace xpuruntime::python
