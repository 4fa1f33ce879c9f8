// SPDX-License-Identifier: Apache-2.0
/// How tensors lie in a payload.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace xpuruntime::worker {

inline constexpr size_t kMaxTensors = 4096;
inline constexpr size_t kMaxRank = 64;
inline constexpr int32_t kStringType = 8;

/// A tensor of a frame.
struct TensorPlace {
  std::string name{};
  int32_t dtype = 0;  ///< a number of ONNX TensorProto.DataType
  std::vector<int64_t> shape{};
  uint64_t offset = 0;  ///< in the payload, a multiple of 64
  uint64_t bytes = 0;

  bool operator==(const TensorPlace&) const = default;
};

/// Bits of one element; 0 for strings and for what is no type.
uint32_t bits_of(int32_t dtype);
/// Elements of a shape. Throws BadFrame: a negative dimension, more than 2^48, too many dimensions.
uint64_t element_count(std::span<const int64_t> shape);
/// Bytes of a tensor that holds no strings. Throws BadFrame.
uint64_t byte_count(int32_t dtype, std::span<const int64_t> shape);

/// Puts the places behind one another and returns the bytes of the payload.
uint64_t lay_out(std::span<TensorPlace> places);
/// Throws BadFrame, naming the tensor, for one whose bytes are not what type and shape say or do
/// not lie in the payload. What strings say of themselves is not looked at.
void check_places(std::span<const TensorPlace> places, uint64_t payload_bytes);
/// The offsets of a tensor of strings, copied and checked. Its characters lie behind the offsets.
/// Throws BadFrame.
std::vector<int64_t> string_offsets(const TensorPlace& place, std::span<const std::byte> payload);

}  // namespace xpuruntime::worker
