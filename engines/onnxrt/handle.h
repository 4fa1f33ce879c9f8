// SPDX-License-Identifier: Apache-2.0
/// ONNX Runtime's objects as unique_ptr.
#pragma once

#include <onnxruntime_c_api.h>

#include <memory>

#include "library.h"
#include "status.h"

namespace xpuruntime::onnxrt {

template <auto Release>
struct Releaser {
  template <typename T>
  void operator()(T* object) const noexcept {
    (ort().*Release)(object);
  }
};

using Session = std::unique_ptr<OrtSession, Releaser<&OrtApi::ReleaseSession>>;
using SessionOptions = std::unique_ptr<OrtSessionOptions, Releaser<&OrtApi::ReleaseSessionOptions>>;
using RunOptions = std::unique_ptr<OrtRunOptions, Releaser<&OrtApi::ReleaseRunOptions>>;
using Value = std::unique_ptr<OrtValue, Releaser<&OrtApi::ReleaseValue>>;
using MemoryInfo = std::unique_ptr<OrtMemoryInfo, Releaser<&OrtApi::ReleaseMemoryInfo>>;
using IoBinding = std::unique_ptr<OrtIoBinding, Releaser<&OrtApi::ReleaseIoBinding>>;
using TypeInfo = std::unique_ptr<OrtTypeInfo, Releaser<&OrtApi::ReleaseTypeInfo>>;
using TensorInfo =
    std::unique_ptr<OrtTensorTypeAndShapeInfo, Releaser<&OrtApi::ReleaseTensorTypeAndShapeInfo>>;
using ModelMetadata = std::unique_ptr<OrtModelMetadata, Releaser<&OrtApi::ReleaseModelMetadata>>;
using CudaOptions =
    std::unique_ptr<OrtCUDAProviderOptionsV2, Releaser<&OrtApi::ReleaseCUDAProviderOptions>>;
using TensorRtOptions = std::unique_ptr<OrtTensorRTProviderOptionsV2,
                                        Releaser<&OrtApi::ReleaseTensorRTProviderOptions>>;

/// make<Value>([](OrtValue** out) { return ort().CreateX(..., out); })
template <typename Handle, typename Create>
Handle make(Create&& create) {
  typename Handle::pointer object = nullptr;
  check(create(&object));
  return Handle(object);
}

}  // namespace xpuruntime::onnxrt
