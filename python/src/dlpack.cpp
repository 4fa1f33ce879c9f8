// SPDX-License-Identifier: Apache-2.0
#include "dlpack.h"

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "dtype_table.h"
#include "object_release.h"
#include "xpuruntime/error.h"

namespace xpuruntime::python {
namespace {

// The structs as DLPack's ABI fixes them: DLTensor, DLManagedTensor, DLManagedTensorVersioned.
struct DlTensor {
  void* data;
  int32_t device_type;
  int32_t device_id;
  int32_t rank;
  uint8_t dtype_code;
  uint8_t dtype_bits;
  uint16_t dtype_lanes;
  int64_t* shape;
  int64_t* strides;  // in elements; null: row-major
  uint64_t byte_offset;
};

struct DlManaged {
  DlTensor tensor;
  void* context;
  void (*deleter)(DlManaged*);
};

struct DlManagedVersioned {
  uint32_t major;
  uint32_t minor;
  void* context;
  void (*deleter)(DlManagedVersioned*);
  uint64_t flags;
  DlTensor tensor;
};

constexpr uint64_t kReadOnly = 1;
constexpr uint64_t kIsCopied = 2;

// What a capsule holds, by its name; a consumer renames it once it owns the content.
template <typename Managed>
constexpr const char* kName = "dltensor";
template <>
constexpr const char* kName<DlManagedVersioned> = "dltensor_versioned";
template <typename Managed>
constexpr const char* kUsedName = "used_dltensor";
template <>
constexpr const char* kUsedName<DlManagedVersioned> = "used_dltensor_versioned";

constexpr int32_t kDlCpu = 1, kDlCuda = 2, kDlCudaHost = 3;

/// What a capsule of ours holds: the tensor lives in it.
template <typename Managed>
struct Exported {
  explicit Exported(const Tensor& from)
      : tensor(from), shape(from.shape().begin(), from.shape().end()), strides(shape.size()) {
    int64_t stride = 1;
    for (size_t i = shape.size(); i-- > 0;) {
      strides[i] = stride;
      stride *= std::max<int64_t>(shape[i], 1);
    }
  }

  static void release(Managed* managed) { delete static_cast<Exported*>(managed->context); }

  Tensor tensor;
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  Managed managed{};
};

[[noreturn]] void refuse(const std::string& message) { throw nb::buffer_error(message.c_str()); }

std::pair<int32_t, int32_t> dl_device(Device device) {
  switch (device.type) {
    case DeviceType::kCpu:
      return {kDlCpu, 0};
    case DeviceType::kCuda:
      return {kDlCuda, device.index};
    default:
      refuse("DLPack has no device " + to_string(device));
  }
}

template <typename Managed>
void destroy_unused(PyObject* capsule) {
  if (!PyCapsule_IsValid(capsule, kName<Managed>)) return;  // a consumer has it
  auto* managed = static_cast<Managed*>(PyCapsule_GetPointer(capsule, kName<Managed>));
  managed->deleter(managed);
}

template <typename Managed>
std::unique_ptr<Exported<Managed>> exported(const Tensor& tensor) {
  const auto* type = std::ranges::find(kElementTypes, tensor.dtype(), &ElementType::dtype);
  if (type == std::end(kElementTypes)) {
    refuse("DLPack has no dtype " + std::string(dtype_name(tensor.dtype())));
  }
  const auto [device_type, device_id] = dl_device(tensor.device());
  auto made = std::make_unique<Exported<Managed>>(tensor);
  made->managed.tensor = {const_cast<void*>(tensor.data()),
                          device_type,
                          device_id,
                          static_cast<int32_t>(made->shape.size()),
                          type->dlpack_code,
                          type->dlpack_bits,
                          1,
                          made->shape.data(),
                          made->strides.data(),
                          0};
  made->managed.context = made.get();
  made->managed.deleter = Exported<Managed>::release;
  return made;
}

template <typename Managed>
nb::object capsule_of(std::unique_ptr<Exported<Managed>> made) {
  PyObject* capsule = PyCapsule_New(&made->managed, kName<Managed>, destroy_unused<Managed>);
  if (capsule == nullptr) nb::raise_python_error();
  made.release();
  return nb::steal(capsule);
}

Device device_of(const DlTensor& from, const Place& what) {
  if (from.device_type == kDlCpu || from.device_type == kDlCudaHost) return {};
  if (from.device_type == kDlCuda) return {DeviceType::kCuda, from.device_id};
  throw InvalidArgumentError(to_string(what) + ": memory of DLPack's device type " +
                             std::to_string(from.device_type) + " is not supported");
}

DType dtype_of(const DlTensor& from, const Place& what) {
  for (const ElementType& each : kElementTypes) {
    if (each.dlpack_code == from.dtype_code && each.dlpack_bits == from.dtype_bits &&
        from.dtype_lanes == 1) {
      return each.dtype;
    }
  }
  throw InvalidArgumentError(to_string(what) + ": tensors do not hold DLPack's dtype code " +
                             std::to_string(from.dtype_code) + " of " +
                             std::to_string(from.dtype_bits) + " bits");
}

bool is_dense(const DlTensor& from) {
  if (from.strides == nullptr) return true;
  int64_t stride = 1;
  for (int32_t i = from.rank; i-- > 0;) {
    if (from.shape[i] == 0) return true;
    if (from.shape[i] != 1 && from.strides[i] != stride) return false;
    stride *= from.shape[i];
  }
  return true;
}

/// Asks for the versioned struct, and again without for who does not know it.
nb::object ask_for_capsule(nb::handle value) {
  const nb::object method = value.attr("__dlpack__");
  try {
    return method(nb::arg("max_version") = nb::make_tuple(1, 0));
  } catch (const nb::python_error& error) {
    if (!error.matches(PyExc_TypeError)) throw;
  }
  return method();
}

/// A capsule that owns what was taken out of another, and gives it back at its end.
template <typename Managed>
nb::capsule taken(Managed* managed) {
  return nb::capsule(managed, [](void* held) noexcept {
    auto* owned = static_cast<Managed*>(held);
    if (owned->deleter != nullptr) owned->deleter(owned);
  });
}

Tensor tensor_over(const DlTensor& from, bool read_only, const nb::capsule& owner,
                   const Place& what, CopyRule rule, std::vector<CopyRecord>* copies) {
  const Device device = device_of(from, what);
  const DType dtype = dtype_of(from, what);
  const std::span<const int64_t> dims(from.shape, static_cast<size_t>(from.rank));
  char* data = static_cast<char*>(from.data) + from.byte_offset;
  if (!is_dense(from)) {
    if (device.type != DeviceType::kCpu) {
      throw InvalidArgumentError(to_string(what) + ": memory of " + to_string(device) +
                                 " has to be contiguous");
    }
    const std::span<const int64_t> strides(from.strides, dims.size());
    return tensor_of(strided_array_of(data, dtype, dims, strides, owner), what, rule, copies);
  }
  const ObjectRelease release{owner.ptr()};
  const Shape shape(dims);
  Tensor tensor = read_only ? Tensor::wrap_read_only(data, dtype, shape, release, device)
                            : Tensor::wrap(data, dtype, shape, release, device);
  Py_INCREF(release.object);  // only now: a wrap that throws does not release
  return tensor;
}

}  // namespace

nb::object dlpack_of(const Tensor& tensor, bool versioned, bool is_copy) {
  if (versioned) {
    auto made = exported<DlManagedVersioned>(tensor);
    made->managed.major = 1;
    made->managed.flags = (tensor.read_only() ? kReadOnly : 0) | (is_copy ? kIsCopied : 0);
    return capsule_of(std::move(made));
  }
  if (tensor.read_only()) {
    refuse(
        "the memory is read-only, which DLPack says from version 1.0 on: ask with "
        "max_version=(1, 0), or with copy=True");
  }
  return capsule_of(exported<DlManaged>(tensor));
}

nb::tuple dlpack_device_of(Device device) {
  const auto [type, id] = dl_device(device);
  return nb::make_tuple(type, id);
}

Tensor tensor_of_dlpack(nb::handle value, const Place& what, CopyRule rule,
                        std::vector<CopyRecord>* copies) {
  const nb::object capsule = ask_for_capsule(value);
  const auto take = [&]<typename Managed>(Managed* managed) {
    if (PyCapsule_SetName(capsule.ptr(), kUsedName<Managed>) != 0) nb::raise_python_error();
    return taken(managed);
  };
  if (PyCapsule_IsValid(capsule.ptr(), kName<DlManagedVersioned>)) {
    auto* managed = static_cast<DlManagedVersioned*>(
        PyCapsule_GetPointer(capsule.ptr(), kName<DlManagedVersioned>));
    const nb::capsule owner = take(managed);
    if (managed->major != 1) {
      throw InvalidArgumentError(to_string(what) + ": DLPack " + std::to_string(managed->major) +
                                 " is not known, only 1");
    }
    return tensor_over(managed->tensor, (managed->flags & kReadOnly) != 0, owner, what, rule,
                       copies);
  }
  if (PyCapsule_IsValid(capsule.ptr(), kName<DlManaged>)) {
    auto* managed = static_cast<DlManaged*>(PyCapsule_GetPointer(capsule.ptr(), kName<DlManaged>));
    return tensor_over(managed->tensor, false, take(managed), what, rule, copies);
  }
  throw InvalidArgumentError(to_string(what) +
                             ": __dlpack__ gave no capsule of a tensor that nobody has taken");
}

}  // namespace xpuruntime::python
