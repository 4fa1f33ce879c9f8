// SPDX-License-Identifier: Apache-2.0
/// Frames as messages of the Open Inference Protocol (docs/worker_protocol.md, grpc).
#pragma once

#include <google/protobuf/io/zero_copy_stream.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "worker/channel.h"

namespace xpuruntime::worker_grpc {

/// What gRPC sends and takes at most is 2^31 - 1 bytes; the rest is for JSON and descriptions.
inline constexpr uint64_t kMaxTensorBytes = (uint64_t{1} << 31) - 1 - (uint64_t{32} << 20);

/// A ModelInferRequest, from the parent, or a ModelStreamInferResponse, from the worker.
enum class Kind : bool { kRequest, kResponse };

/// A part of a message: text, and behind it bytes of the payload, where they lie.
struct Piece {
  std::string text{};
  std::span<const std::byte> payload{};
};

/// In the protocol's binary form. Throws BadFrame for what is beyond the limits.
std::vector<Piece> write_message(const worker::Message& message, Kind kind);
/// Throws BadFrame for what is no message, or breaks the limits.
worker::Message read_message(google::protobuf::io::ZeroCopyInputStream& from, Kind kind,
                             uint64_t max_payload);

}  // namespace xpuruntime::worker_grpc
