// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/io/zero_copy_stream_impl.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>
#include <google/protobuf/stubs/logging.h>

#include <fstream>
#include <limits>
#include <string_view>
#include <system_error>

#include "onnx/schema.h"

namespace xpuruntime::onnx {
namespace {

namespace io = google::protobuf::io;

// Protobuf counts a message's bytes in an int.
constexpr uint64_t kMostBytes = std::numeric_limits<int>::max();
constexpr int kBlock = 1 << 20;

void check_size(uint64_t size, const std::string& label) {
  if (size > kMostBytes) {
    throw ParseError(
        label + ": " + std::to_string(size) +
        " bytes; a protobuf file holds less than 2 GiB (keep weights as external data)");
  }
}

uint64_t parse_stream(google::protobuf::MessageLite& message, io::ZeroCopyInputStream& stream,
                      uint64_t size, const std::string& label, const char* type) {
  const std::string expected = "; expected protobuf " + std::string(type) + ")";
  if (size == 0) throw ParseError(label + ": empty (0 bytes read" + expected);
  const google::protobuf::LogSilencer silence;
  if (!message.ParsePartialFromZeroCopyStream(&stream)) {
    const bool is_tensor = std::string_view(type) == "TensorProto";
    throw ParseError(label + ": not an ONNX " + (is_tensor ? "tensor" : "model") +
                     ", or cut short (" + std::to_string(size) + " bytes read" + expected);
  }
  return static_cast<uint64_t>(stream.ByteCount());
}

}  // namespace

uint64_t parse_message(google::protobuf::MessageLite& message, std::span<const std::byte> bytes,
                       const std::string& label, const char* type) {
  check_size(bytes.size(), label);
  io::ArrayInputStream stream(bytes.data(), static_cast<int>(bytes.size()));
  return parse_stream(message, stream, bytes.size(), label, type);
}

uint64_t parse_message(google::protobuf::MessageLite& message, const std::filesystem::path& path,
                       const char* type) {
  const std::string label = path.string();
  std::error_code error;
  const auto status = std::filesystem::status(path, error);
  if (!std::filesystem::exists(status)) throw FileError(label + ": no such file");
  if (!std::filesystem::is_regular_file(status)) throw FileError(label + ": not a regular file");
  const uint64_t size = std::filesystem::file_size(path, error);
  std::ifstream file(path, std::ios::binary);
  if (error || !file) throw FileError(label + ": cannot be opened");
  check_size(size, label);
  io::IstreamInputStream stream(&file, kBlock);
  return parse_stream(message, stream, size, label, type);
}

}  // namespace xpuruntime::onnx
