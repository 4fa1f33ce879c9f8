// SPDX-License-Identifier: Apache-2.0
#include "conformance_host.h"

namespace xpuruntime::conformance {

Sink::Sink(size_t outputs) : slots_(outputs) {
  table_ = {
      sizeof(xpurt_sink),
      this,
      [](void* self, uint32_t output, const xpurt_value** value, uint64_t* capacity) {
        return of(self).bound(output, value, capacity);
      },
      [](void* self, uint32_t output, uint64_t bytes, uint64_t alignment, xpurt_device,
         xpurt_stream*, void** data,
         xpurt_error* error) { return of(self).reserve(output, bytes, alignment, data, error); },
      [](void* self, uint32_t output, const xpurt_value* value, xpurt_error* error) {
        return of(self).commit(output, *value, error);
      },
      [](void* self, uint32_t output, const xpurt_value* value, void (*release)(void*), void* token,
         xpurt_error* error) { return of(self).give(output, *value, release, token, error); },
  };
}

Sink::~Sink() { release_given(); }

void Sink::bind(uint32_t output, int32_t dtype, std::vector<int64_t> shape, void* data,
                uint64_t capacity) {
  Slot& slot = slots_.at(output);
  slot.bound_shape = std::move(shape);
  slot.bound.emplace();
  slot.bound->struct_size = sizeof(xpurt_value);
  slot.bound->kind = XPURT_KIND_TENSOR;
  slot.bound->dtype = dtype;
  slot.bound->rank = static_cast<int32_t>(slot.bound_shape.size());
  slot.bound->shape = slot.bound_shape.data();
  slot.bound->data = data;
  slot.bound->byte_size = capacity;
  slot.capacity = capacity;
}

const Sink::Output* Sink::output(uint32_t i) const {
  const std::lock_guard lock(mutex_);
  const auto& output = slots_.at(i).output;
  return output ? &*output : nullptr;
}

Tensor Sink::copy(uint32_t i) const {
  const std::lock_guard lock(mutex_);
  const Output& output = slots_.at(i).output.value();
  Tensor tensor(output.dtype, output.shape);
  if (tensor.bytes() != 0) std::memcpy(tensor.data(), output.data, tensor.bytes());
  return tensor;
}

void Sink::release_given() {
  for (Slot& slot : slots_) {
    if (slot.release != nullptr) std::exchange(slot.release, nullptr)(slot.token);
  }
}

bool Sink::guards_intact() const {
  const std::lock_guard lock(mutex_);
  for (const Slot& slot : slots_) {
    for (const auto& memory : slot.reserved) {
      if (!memory->intact()) return false;
    }
  }
  return true;
}

std::string Sink::violations() const {
  const std::lock_guard lock(mutex_);
  return violations_;
}

void Sink::violation(uint32_t output, const std::string& what) {
  violations_ += "output " + std::to_string(output) + ": " + what + "\n";
}

xpurt_status Sink::fail(xpurt_error* error, xpurt_status code, const std::string& text) {
  return host()->fail(error, code, 0, 0, 0, 0, text.c_str());
}

xpurt_status Sink::bound(uint32_t output, const xpurt_value** value, uint64_t* capacity) {
  const std::lock_guard lock(mutex_);
  *value = nullptr;
  *capacity = 0;
  if (output >= slots_.size()) {
    violation(output, "there is none");
    return XPURT_INVALID_ARGUMENT;
  }
  if (slots_[output].bound) {
    *value = &*slots_[output].bound;
    *capacity = slots_[output].capacity;
  }
  return XPURT_OK;
}

xpurt_status Sink::reserve(uint32_t output, uint64_t bytes, uint64_t alignment, void** data,
                           xpurt_error* error) {
  const std::lock_guard lock(mutex_);
  *data = nullptr;
  if (output >= slots_.size()) {
    violation(output, "there is none");
    return fail(error, XPURT_INTERNAL, "no such output");
  }
  Slot& slot = slots_[output];
  if (slot.output) violation(output, "reserved after it was committed");
  if (alignment > 64 || (alignment & (alignment - 1)) != 0) {
    violation(output, "alignment " + std::to_string(alignment));
  }
  ++reserves_;
  if (refuse_) return fail(error, XPURT_OUT_OF_MEMORY, "the host refuses memory");
  if (slot.bound) {
    if (bytes > slot.capacity) {
      return fail(error, XPURT_INVALID_ARGUMENT,
                  "output " + std::to_string(output) + " needs " + std::to_string(bytes) +
                      " bytes, bound are " + std::to_string(slot.capacity));
    }
    *data = slot.bound->data;
    return XPURT_OK;
  }
  slot.reserved.push_back(std::make_shared<GuardedMemory>(bytes));
  *data = slot.reserved.back()->data();
  return XPURT_OK;
}

/// Notes what `value` says; false where that cannot be.
bool Sink::take(uint32_t output, const xpurt_value& value) {
  if (output >= slots_.size()) {
    violation(output, "there is none");
    return false;
  }
  Slot& slot = slots_[output];
  if (slot.output) {
    violation(output, "committed or given twice");
    return false;
  }
  Output taken{value.dtype, value.flags, {}, static_cast<std::byte*>(value.data), 0, false};
  if (value.struct_size < sizeof(xpurt_value)) violation(output, "struct_size is too small");
  if (value.kind != XPURT_KIND_TENSOR) violation(output, "it is no tensor");
  if (value.strides != nullptr) violation(output, "it is not dense");
  uint64_t bytes = dtype_size(value.dtype);
  if (bytes == 0) violation(output, "dtype " + std::to_string(value.dtype));
  for (int32_t i = 0; i < value.rank; ++i) {
    if (value.shape[i] < 0) violation(output, "a negative dimension");
    bytes *= static_cast<uint64_t>(value.shape[i]);
    taken.shape.push_back(value.shape[i]);
  }
  if (bytes != value.byte_size) violation(output, "byte_size is not that of its shape");
  if (bytes != 0 && value.data == nullptr) violation(output, "no data");
  taken.bytes = bytes;
  slot.output = std::move(taken);
  return true;
}

xpurt_status Sink::commit(uint32_t output, const xpurt_value& value, xpurt_error* error) {
  const std::lock_guard lock(mutex_);
  if (!take(output, value)) return fail(error, XPURT_INTERNAL, "a commit that cannot be");
  Slot& slot = slots_[output];
  if (slot.bound) {
    if (value.data != slot.bound->data) violation(output, "committed other than the bound memory");
    if (value.byte_size > slot.capacity) violation(output, "committed more than is bound");
  } else if (slot.reserved.empty() || value.data != slot.reserved.back()->data()) {
    violation(output, "committed memory that was not reserved last");
  } else if (value.byte_size > slot.reserved.back()->size()) {
    violation(output, "committed more than was reserved");
  }
  return XPURT_OK;
}

xpurt_status Sink::give(uint32_t output, const xpurt_value& value, void (*release)(void*),
                        void* token, xpurt_error* error) {
  const std::lock_guard lock(mutex_);
  ++gives_;
  if (release == nullptr) violation(output, "given without a release function");
  xpurt_status status = XPURT_OK;
  if (!take(output, value)) {
    status = fail(error, XPURT_INTERNAL, "a give that cannot be");
  } else if (slots_[output].bound) {
    Slot& slot = slots_[output];
    if (value.byte_size > slot.capacity) {
      slot.output.reset();
      status = fail(error, XPURT_INVALID_ARGUMENT,
                    "output " + std::to_string(output) + " needs more bytes than are bound");
    } else {
      if (value.byte_size != 0) std::memcpy(slot.bound->data, value.data, value.byte_size);
      slot.output->data = static_cast<std::byte*>(slot.bound->data);
    }
  } else {
    slots_[output].output->given = true;
    slots_[output].release = release;
    slots_[output].token = token;
    return XPURT_OK;
  }
  if (release != nullptr) release(token);
  return status;
}

}  // namespace xpuruntime::conformance
