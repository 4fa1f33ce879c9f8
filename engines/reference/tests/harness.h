// SPDX-License-Identifier: Apache-2.0
/// Drives the engine through the tables of abi.h, as a host does, and keeps what it does with them.
#pragma once

#include <cstring>
#include <functional>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <vector>

#include "engine.h"
#include "onnx/tensor.h"
#include "xpuruntime/engine/export.h"

/// What the host of these tests keeps of a failure.
struct xpurt_error {
  xpurt_status code = XPURT_OK;
  std::string text;
  uint64_t asked = 0;
};

namespace xpuruntime::reference::testing {

using Value = onnx::Tensor;

template <typename T>
Value make(onnx::DType dtype, std::vector<int64_t> shape, const std::vector<T>& values) {
  Value value;
  value.dtype = dtype;
  value.shape = std::move(shape);
  value.bytes.resize(values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(value.bytes.data(), values.data(), value.bytes.size());
  return value;
}
inline Value floats(std::vector<int64_t> shape, const std::vector<float>& values) {
  return make(onnx::DType::kFloat, std::move(shape), values);
}
inline Value ints(std::vector<int64_t> shape, const std::vector<int64_t>& values) {
  return make(onnx::DType::kInt64, std::move(shape), values);
}

inline Value strings(std::vector<int64_t> shape, std::vector<std::string> values) {
  Value value;
  value.dtype = onnx::DType::kString;
  value.shape = std::move(shape);
  value.strings = std::move(values);
  return value;
}

/// What tests of moving and indexing take from.
inline const Value kTable = ints({2, 3}, {1, 2, 3, 4, 5, 6});

template <typename T>
std::vector<T> values_of(const Value& value) {
  std::vector<T> values(value.bytes.size() / sizeof(T));
  if (!values.empty()) std::memcpy(values.data(), value.bytes.data(), value.bytes.size());
  return values;
}

/// A call that the engine failed.
class Failed : public std::runtime_error {
 public:
  explicit Failed(const xpurt_error& error)
      : std::runtime_error(error.text), code(error.code), asked(error.asked) {}
  xpurt_status code;
  uint64_t asked;
};

struct LoadSettings {
  std::string path = {};  ///< instead of bytes
  std::string base_folder = {};
  std::map<std::string, std::string> options = {};
  std::vector<std::string> extra_outputs = {};
  xpurt_device device{XPURT_DEVICE_CPU, 0};
  std::function<int(const std::string& phase)> progress = {};
};

/// Collects the outputs of one run, in memory of its own or in what the test bound.
class Sink {
 public:
  explicit Sink(size_t outputs) : committed(outputs), memory(outputs), bound_bytes(outputs) {}

  std::vector<Value> committed;
  std::vector<std::unique_ptr<std::byte[]>> memory;  ///< bound by the test, or reserved
  std::vector<uint64_t> bound_bytes;
  uint64_t copied_bytes = 0;
  std::function<void()> on_reserve;  ///< called in the middle of the run

  xpurt_sink table();
  xpurt_reporter reporter();
};

class Session {
 public:
  /// Throws Failed when the engine refuses the model.
  explicit Session(const std::string& bytes, const LoadSettings& settings = {});
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  const xpurt_model_info& info() const { return *info_; }
  /// Runs once, in a context of its own; throws Failed.
  std::vector<Value> run(const std::vector<Value>& inputs);
  void run(const std::vector<Value>& inputs, Sink& sink, uint64_t run_id = 1,
           int64_t deadline_ns = 0, xpurt_context* context = nullptr);

  static const xpurt_engine& engine();
  xpurt_model* model() { return model_; }

 private:
  xpurt_model* model_ = nullptr;
  const xpurt_model_info* info_ = nullptr;
};

}  // namespace xpuruntime::reference::testing
