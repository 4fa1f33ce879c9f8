// SPDX-License-Identifier: Apache-2.0
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "onnx/tensor.h"
#include "toolkit/atomic_file.h"
#include "toolkit/tensor_files.h"
#include "xpuruntime/error.h"

namespace xpuruntime::toolkit {
namespace {

onnx::Tensor read_proto(const std::filesystem::path& path) {
  try {
    return onnx::read_tensor(path);
  } catch (const onnx::ParseError& error) {
    throw InvalidArgumentError(error.what());
  }
}

}  // namespace

Tensor read_pb(const std::filesystem::path& path) {
  const onnx::Tensor proto = read_proto(path);
  const auto dtype = static_cast<DType>(proto.dtype);  // both have TensorProto's numbers
  const Shape shape{std::span<const int64_t>(proto.shape)};
  if (dtype == DType::kString) return Tensor::from_strings(proto.strings, shape);
  if (element_bits(dtype) == 0) {
    throw InvalidArgumentError(path.string() + ": element type " + onnx::dtype_name(proto.dtype) +
                               ", which tensors do not hold");
  }
  Tensor tensor(dtype, shape);
  if (tensor.byte_size() != proto.bytes.size()) {
    throw InvalidArgumentError(path.string() + ": " + to_string(tensor) + " takes " +
                               std::to_string(tensor.byte_size()) + " bytes, but the file holds " +
                               std::to_string(proto.bytes.size()));
  }
  if (!proto.bytes.empty()) {
    std::memcpy(tensor.mutable_data(), proto.bytes.data(), proto.bytes.size());
  }
  return tensor;
}

void write_pb(const std::filesystem::path& path, const Tensor& tensor) {
  onnx::Tensor proto;
  proto.dtype = static_cast<onnx::DType>(tensor.dtype());
  proto.shape.assign(tensor.shape().begin(), tensor.shape().end());
  if (tensor.dtype() == DType::kString) {
    for (const std::string_view text : tensor.strings()) proto.strings.emplace_back(text);
  } else if (tensor.byte_size() != 0) {
    proto.bytes.assign(static_cast<const char*>(tensor.data()), tensor.byte_size());
  }
  const std::string bytes = onnx::serialize_tensor(proto);
  write_file_atomically(path, {std::as_bytes(std::span(bytes))});
}

}  // namespace xpuruntime::toolkit
