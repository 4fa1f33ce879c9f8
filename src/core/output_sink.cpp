// SPDX-License-Identifier: Apache-2.0
#include "output_sink.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <utility>

#include "abi_read.h"
#include "log.h"
#include "string_tensor.h"
#include "xpuruntime/error.h"

namespace xpuruntime {
namespace {

OutputSink* self(void* pointer) noexcept { return static_cast<OutputSink*>(pointer); }

/// Runs `body`, which returns a status, and turns what it throws into one.
template <typename Body>
xpurt_status guarded(xpurt_error* error, Body&& body) noexcept {
  try {
    return body();
  } catch (const XpuRuntimeError& failure) {
    return record(error, static_cast<xpurt_status>(failure.code()), failure.what(),
                  failure.detail().asked, failure.detail().available);
  } catch (const std::exception&) {
    return record(error, XPURT_OUT_OF_MEMORY, "out of memory while taking an output");
  }
}

bool within(const void* data, size_t bytes, const void* outer, size_t outer_bytes) noexcept {
  const auto begin = reinterpret_cast<uintptr_t>(data);
  const auto outer_begin = reinterpret_cast<uintptr_t>(outer);
  return begin < outer_begin + outer_bytes && outer_begin < begin + bytes;
}

}  // namespace

OutputSink::OutputSink(const std::vector<TensorInfo>& infos, MemoryPool::State& pool)
    : infos_(infos), pool_(pool), slots_(infos.size()) {
  table_ = {
      sizeof(xpurt_sink),
      this,
      [](void* sink, uint32_t i, const xpurt_value** value, uint64_t* capacity) {
        return self(sink)->show_bound(i, value, capacity);
      },
      [](void* sink, uint32_t i, uint64_t bytes, uint64_t alignment, xpurt_device device,
         xpurt_stream*, void** data, xpurt_error* error) {
        return guarded(
            error, [&] { return self(sink)->reserve(i, bytes, alignment, device, data, error); });
      },
      [](void* sink, uint32_t i, const xpurt_value* value, xpurt_error* error) {
        return guarded(error, [&] { return self(sink)->commit(i, *value, error); });
      },
      [](void* sink, uint32_t i, const xpurt_value* value, void (*release)(void*), void* token,
         xpurt_error* error) {
        return guarded(error, [&] { return self(sink)->give(i, *value, release, token, error); });
      }};
}

void OutputSink::bind(size_t i, const Tensor& tensor) {
  slots_[i].bound_value.set(tensor);
  slots_[i].bound = &tensor;
}

void OutputSink::begin(std::span<const Tensor* const> inputs, std::span<const BufferRef> copies,
                       RunReport* report) noexcept {
  inputs_ = inputs;
  copies_ = copies;
  report_ = report;
  was_used_ = true;
  for (Slot& slot : slots_) slot.outcome = Outcome::kNone;
}

/// Forgets what the engine said of the output before: it says something else now.
OutputSink::Slot& OutputSink::renew(uint32_t i) noexcept {
  was_used_ = true;
  Slot& slot = slots_[i];
  if (slot.outcome == Outcome::kGiven) slot.buffer.reset();
  slot.outcome = Outcome::kNone;
  return slot;
}

xpurt_status OutputSink::show_bound(uint32_t i, const xpurt_value** value, uint64_t* capacity) {
  *value = nullptr;
  *capacity = 0;
  if (i >= slots_.size() || slots_[i].bound == nullptr) return XPURT_OK;
  *value = slots_[i].bound_value.get();
  *capacity = slots_[i].bound_value->byte_size;
  return XPURT_OK;
}

xpurt_status OutputSink::reserve(uint32_t i, uint64_t bytes, uint64_t alignment,
                                 xpurt_device device, void** data, xpurt_error* error) {
  if (i >= slots_.size()) return record(error, XPURT_INTERNAL, "no such output to reserve");
  if (device.type != XPURT_DEVICE_CPU || alignment > MemoryPool::kAlignment) {
    return record(error, XPURT_UNSUPPORTED_OPERATION,
                  "outputs are reserved in host memory, aligned to 64 bytes at most");
  }
  Slot& slot = renew(i);
  if (slot.bound != nullptr) {
    if (slot.bound->byte_size() < bytes) {
      return record(error, XPURT_INVALID_ARGUMENT,
                    "output '" + infos_[i].name + "': the bound memory is too small: expected " +
                        std::to_string(bytes) + " bytes, got " +
                        std::to_string(slot.bound->byte_size()) +
                        "; bind a larger tensor, or leave the output to the engine",
                    bytes, slot.bound->byte_size());
    }
    *data = slot.bound_value->data;
    return XPURT_OK;
  }
  // The same size again is the same memory; any other is asked from the pool, which is exact.
  if (!slot.buffer || slot.buffer->capacity() != bytes) {
    slot.buffer.reset();
    slot.buffer = pool_.allocate(bytes);
  }
  *data = slot.buffer->data();
  return XPURT_OK;
}

/// Is it what was accepted last, at another address perhaps? Then it needs no second check. Strings
/// always need it: their offsets are data.
bool OutputSink::is_as_before(const Slot& slot, const xpurt_value& value) noexcept {
  return slot.dtype != DType::kUndefined && slot.dtype != DType::kString &&
         value.kind == XPURT_KIND_TENSOR && value.strides == nullptr &&
         static_cast<DType>(value.dtype) == slot.dtype && value.byte_size == slot.bytes &&
         static_cast<size_t>(value.rank) == slot.shape.rank() &&
         std::equal(slot.shape.begin(), slot.shape.end(), value.shape);
}

xpurt_status OutputSink::accept(Slot& slot, uint32_t i, const xpurt_value& value,
                                xpurt_error* error) {
  if (is_as_before(slot, value)) {
    slot.data = value.data;
    return XPURT_OK;
  }
  const TensorInfo& info = infos_[i];
  const auto dtype = static_cast<DType>(value.dtype);
  const auto refuse = [&](const std::string& what) {
    return record(error, XPURT_INTERNAL, "output '" + info.name + "': the engine gave " + what);
  };
  if (value.kind != XPURT_KIND_TENSOR || value.rank < 0 || value.strides != nullptr) {
    return refuse("something other than a dense tensor");
  }
  if (info.dtype != DType::kUndefined && dtype != info.dtype) {
    return refuse(std::string(dtype_name(dtype)) + " where the model says " +
                  std::string(dtype_name(info.dtype)));
  }
  slot.dtype = DType::kUndefined;  // nothing was accepted, until all is checked
  slot.shape.assign({value.shape, static_cast<size_t>(value.rank)});
  if (!slot.shape.is_static()) return refuse("the unresolved shape " + to_string(slot.shape));
  if (dtype == DType::kString) return accept_strings(slot, i, value, error);
  if (tensor_bytes(dtype, slot.shape) != value.byte_size) {
    return refuse(std::to_string(value.byte_size) + " bytes for shape " + to_string(slot.shape));
  }
  slot.dtype = dtype;
  slot.data = value.data;
  slot.bytes = value.byte_size;
  return XPURT_OK;
}

/// Strings of an engine's, whose shape was accepted.
xpurt_status OutputSink::accept_strings(Slot& slot, uint32_t i, const xpurt_value& value,
                                        xpurt_error* error) {
  const int64_t count = slot.shape.element_count();
  if (value.offsets == nullptr ||
      !are_string_offsets(string_offsets(value.offsets, count), value.byte_size)) {
    return record(error, XPURT_INTERNAL,
                  "output '" + infos_[i].name + "': the engine gave strings without an order");
  }
  slot.dtype = DType::kString;
  slot.data = const_cast<int64_t*>(value.offsets);
  slot.bytes = offset_bytes(count) + value.byte_size;
  return XPURT_OK;
}

xpurt_status OutputSink::commit(uint32_t i, const xpurt_value& given, xpurt_error* error) {
  if (i >= slots_.size()) return record(error, XPURT_INTERNAL, "no such output to commit");
  const xpurt_value value = read_abi(&given);
  Slot& slot = renew(i);
  const bool bound = slot.bound != nullptr;
  const bool reserved = !bound && slot.buffer;
  const void* expected = bound ? slot.bound_value->data : reserved ? slot.buffer->data() : nullptr;
  const size_t capacity = bound ? slot.bound->byte_size() : reserved ? slot.buffer->capacity() : 0;
  const void* begin = value.data;
  size_t before = 0;
  if (value.dtype == XPURT_STRING && value.offsets != nullptr && value.rank >= 0) {
    begin = value.offsets;
    before = offset_bytes(Shape({value.shape, static_cast<size_t>(value.rank)}).element_count());
  }
  if ((!bound && !reserved) || begin != expected || before > capacity ||
      value.data != static_cast<const std::byte*>(begin) + before ||
      value.byte_size > capacity - before) {
    return record(
        error, XPURT_INTERNAL,
        "output '" + infos_[i].name + "': the engine committed memory that it was not given");
  }
  const xpurt_status status = accept(slot, i, value, error);
  if (status == XPURT_OK) slot.outcome = bound ? Outcome::kBound : Outcome::kReserved;
  return status;
}

xpurt_status OutputSink::give(uint32_t i, const xpurt_value& given, void (*release)(void*),
                              void* token, xpurt_error* error) {
  struct Release {
    void (*function)(void*);
    void* token;
    ~Release() {
      if (function != nullptr) function(token);
    }
  } pending{release, token};
  if (i >= slots_.size()) return record(error, XPURT_INTERNAL, "no such output to give");
  const xpurt_value value = read_abi(&given);
  Slot& slot = renew(i);
  const xpurt_status status = accept(slot, i, value, error);
  if (status != XPURT_OK) return status;
  if (slot.dtype == DType::kString) return copy_given_strings(slot, i, value, error);
  if (slot.bound != nullptr) return copy_given(slot, i, value, error);
  slot.buffer.reset();
  BufferRef input = input_holding(value);
  const bool read_only =
      (value.flags & XPURT_VALUE_READ_ONLY) != 0 || (input && input->read_only());
  slot.buffer = engine_buffer(value.data, value.byte_size,
                              {static_cast<DeviceType>(value.device.type), value.device.index},
                              read_only, release, token, std::move(input));
  pending.function = nullptr;  // the buffer will do it
  slot.outcome = Outcome::kGiven;
  return XPURT_OK;
}

xpurt_status OutputSink::copy_given(Slot& slot, uint32_t i, const xpurt_value& value,
                                    xpurt_error* error) {
  void* target = nullptr;
  const xpurt_status status = reserve(i, value.byte_size, 1, {XPURT_DEVICE_CPU, 0}, &target, error);
  if (status != XPURT_OK) return status;
  if (value.byte_size != 0) std::memmove(target, value.data, value.byte_size);
  if (report_ != nullptr) {
    report_->copies.push_back(
        {infos_[i].name, value.byte_size, "the engine made the output in memory of its own"});
  }
  slot.data = target;
  slot.outcome = Outcome::kBound;
  return XPURT_OK;
}

/// The engine's may lie in two places; a tensor's lie in one.
xpurt_status OutputSink::copy_given_strings(Slot& slot, uint32_t i, const xpurt_value& value,
                                            xpurt_error* error) {
  const size_t offsets = slot.bytes - value.byte_size;
  void* target = nullptr;
  const xpurt_status status = reserve(i, slot.bytes, 1, {XPURT_DEVICE_CPU, 0}, &target, error);
  if (status != XPURT_OK) return status;
  std::memcpy(target, value.offsets, offsets);
  if (value.byte_size != 0) {
    std::memcpy(static_cast<std::byte*>(target) + offsets, value.data, value.byte_size);
  }
  if (report_ != nullptr) {
    report_->copies.push_back({infos_[i].name, slot.bytes, "the engine made strings of its own"});
  }
  slot.data = target;
  slot.outcome = Outcome::kReserved;
  return XPURT_OK;
}

BufferRef OutputSink::input_holding(const xpurt_value& value) const noexcept {
  for (size_t i = 0; i < inputs_.size(); ++i) {
    if (inputs_[i] == nullptr) continue;
    Buffer* const copy = copies_[i].get();
    const void* data = copy != nullptr ? copy->data() : inputs_[i]->data();
    if (within(value.data, value.byte_size, data, inputs_[i]->byte_size())) {
      return BufferRef::share(copy != nullptr ? copy : TensorAccess::buffer(*inputs_[i]));
    }
  }
  return {};
}

xpurt_status OutputSink::check_complete(xpurt_error* error) const {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].outcome == Outcome::kNone) {
      return record(error, XPURT_INTERNAL,
                    "the engine ended the run without output '" + infos_[i].name + "'");
    }
  }
  return XPURT_OK;
}

bool OutputSink::is_bound_tensor(size_t i) const noexcept {
  const Slot& slot = slots_[i];
  return slot.outcome == Outcome::kBound && slot.shape == slot.bound->shape();
}

bool OutputSink::all_as_bound() const noexcept {
  for (size_t i = 0; i < slots_.size(); ++i) {
    if (!is_bound_tensor(i)) return false;
  }
  return true;
}

Tensor OutputSink::publish(size_t i) {
  Slot& slot = slots_[i];
  BufferRef buffer = slot.outcome == Outcome::kBound
                         ? BufferRef::share(TensorAccess::buffer(*slot.bound))
                         : std::move(slot.buffer);
  return TensorAccess::make(std::move(buffer), slot.data, slot.bytes, slot.dtype, slot.shape);
}

void OutputSink::discard() noexcept {
  for (Slot& slot : slots_) {
    slot.buffer.reset();
    slot.outcome = Outcome::kNone;
  }
}

void OutputSink::log_decisions() const {
  static constexpr const char* kWords[] = {"nowhere", "in memory of the session's pool",
                                           "in the memory that was bound",
                                           "in memory of the engine's, without a copy"};
  for (size_t i = 0; i < slots_.size(); ++i) {
    log(LogLevel::kDebug, "output '" + infos_[i].name + "': " + to_string(slots_[i].shape) + " " +
                              kWords[static_cast<size_t>(slots_[i].outcome)]);
  }
}

}  // namespace xpuruntime
