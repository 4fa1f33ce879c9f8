// SPDX-License-Identifier: Apache-2.0
/// The protobuf side of the reader: for code that must see ONNX's own messages. All else includes
/// model.h and tensor.h, which show none of them.
#pragma once

#include <google/protobuf/io/zero_copy_stream.h>
#include <google/protobuf/message_lite.h>

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

#include "onnx/onnx-ml.pb.h"
#include "onnx/tensor.h"

namespace xpuruntime::onnx {

/// Fills `message` and returns how many bytes it took; `type` ("ModelProto") is for the message of
/// the ParseError. Writes nothing to stderr.
uint64_t parse_message(google::protobuf::MessageLite& message, std::span<const std::byte> bytes,
                       const std::string& label, const char* type);
uint64_t parse_message(google::protobuf::MessageLite& message, const std::filesystem::path& path,
                       const char* type);

/// Where a tensor's data may come from, and whether it is wanted.
struct TensorSource {
  std::filesystem::path base_folder;  ///< of external data; empty: none
  bool weights = true;
  std::string label;
  uint64_t external_byte_size = 0;  ///< counts what external tensors hold
};

/// Takes the data out of `proto` and checks it against its shape.
Tensor take_tensor(::onnx::TensorProto& proto, TensorSource& source);

}  // namespace xpuruntime::onnx
