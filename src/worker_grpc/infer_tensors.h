// SPDX-License-Identifier: Apache-2.0
/// Tensors of a payload as the Open Inference Protocol has them.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "worker/tensors.h"

namespace xpuruntime::worker_grpc {

/// "FP32"; "" for a type that the protocol does not have.
std::string_view datatype_of(int32_t dtype);
/// The number of ONNX TensorProto.DataType; nothing for a name that it does not have.
std::optional<int32_t> dtype_named(std::string_view datatype);

/// Strings as BYTES: each behind its length, a little-endian uint32. Throws BadFrame for offsets
/// that are wrong, and for a string of 4 GiB.
std::string bytes_of_strings(const worker::TensorPlace& place, std::span<const std::byte> payload);
/// The bytes that `raw`, strings as BYTES, takes in a payload. Throws BadFrame where it does not
/// hold the elements of `shape`.
uint64_t string_bytes(std::span<const int64_t> shape, std::string_view raw);
/// Puts `raw`, which string_bytes() has looked through, into a payload.
void put_strings(std::string_view raw, uint64_t count, std::span<std::byte> to);

}  // namespace xpuruntime::worker_grpc
