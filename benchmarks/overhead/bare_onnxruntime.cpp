// SPDX-License-Identifier: Apache-2.0
#include "bare_onnxruntime.h"

#include <stdexcept>
#include <utility>

namespace xpuruntime::benchmarks {
namespace {

void check(const OrtApi& api, OrtStatus* status) {
  if (status == nullptr) return;
  const std::string text = api.GetErrorMessage(status);
  api.ReleaseStatus(status);
  throw std::runtime_error("ONNX Runtime: " + text);
}

/// Lives until the program ends, as the functions that use it do.
OrtValue* value_over(const OrtApi& api, Tensor& tensor) {
  OrtMemoryInfo* memory = nullptr;
  check(api, api.CreateCpuMemoryInfo(OrtDeviceAllocator, OrtMemTypeDefault, &memory));
  const auto type = tensor.dtype() == DType::kInt64 ? ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64
                                                    : ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
  OrtValue* value = nullptr;
  check(api, api.CreateTensorWithDataAsOrtValue(memory, tensor.mutable_data(), tensor.byte_size(),
                                                tensor.shape().data(), tensor.shape().rank(), type,
                                                &value));
  api.ReleaseMemoryInfo(memory);
  return value;
}

constexpr const char* kInput[] = {"x"};
constexpr const char* kOutput[] = {"y"};

}  // namespace

std::function<void()> bare_run(const OrtApi& api, OrtSession* session, Tensor x, Tensor y) {
  OrtValue* input = value_over(api, x);
  OrtValue* output = value_over(api, y);
  return [&api, session, input, output] {
    OrtValue* made = output;
    check(api, api.Run(session, nullptr, kInput, &input, 1, kOutput, 1, &made));
  };
}

std::function<void()> bare_bound_run(const OrtApi& api, OrtSession* session, Tensor x, Tensor y) {
  OrtIoBinding* binding = nullptr;
  check(api, api.CreateIoBinding(session, &binding));
  check(api, api.BindInput(binding, kInput[0], value_over(api, x)));
  check(api, api.BindOutput(binding, kOutput[0], value_over(api, y)));
  return [&api, session, binding] { check(api, api.RunWithBinding(session, nullptr, binding)); };
}

std::function<void()> bare_run_own_output(const OrtApi& api, OrtSession* session, Tensor x) {
  OrtValue* input = value_over(api, x);
  return [&api, session, input] {
    OrtValue* output = nullptr;
    check(api, api.Run(session, nullptr, kInput, &input, 1, kOutput, 1, &output));
    api.ReleaseValue(output);
  };
}

}  // namespace xpuruntime::benchmarks
