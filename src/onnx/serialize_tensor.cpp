// SPDX-License-Identifier: Apache-2.0
#include "onnx/schema.h"
#include "onnx/tensor.h"

namespace xpuruntime::onnx {

std::string serialize_tensor(const Tensor& tensor) {
  ::onnx::TensorProto proto;
  if (!tensor.name.empty()) proto.set_name(tensor.name);
  proto.set_data_type(static_cast<int32_t>(tensor.dtype));
  for (const int64_t size : tensor.shape) proto.add_dims(size);
  if (tensor.dtype == DType::kString) {
    for (const std::string& text : tensor.strings) proto.add_string_data(text);
  } else {
    proto.set_raw_data(tensor.bytes);
  }
  return proto.SerializeAsString();
}

}  // namespace xpuruntime::onnx
