// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <grpcpp/completion_queue.h>
#include <grpcpp/support/async_stream.h>
#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>

#include "worker/channel.h"

namespace xpuruntime::worker_grpc {

inline constexpr const char* kMethod = "/inference.GRPCInferenceService/ModelStreamInfer";
/// The call's metadata that says the secret.
inline constexpr const char* kTokenKey = "xpurt-token";

/// What the completion queue tells the end of.
enum class Step : intptr_t { kOpened = 1, kRead, kWritten, kCalled, kRefused };
inline void* tag_of(Step step) { return reinterpret_cast<void*>(static_cast<intptr_t>(step)); }
/// A time of ours as the queue wants it.
gpr_timespec deadline_of(worker::TimePoint until);

/// The open ModelStreamInfer call of a parent and its worker, at either side. Ends with its owner.
class Call {
 public:
  virtual ~Call() = default;
  virtual grpc::CompletionQueue& queue() = 0;
  virtual grpc::internal::AsyncReaderInterface<grpc::ByteBuffer>& reader() = 0;
  virtual grpc::internal::AsyncWriterInterface<grpc::ByteBuffer>& writer() = 0;
  /// What goes on ends soon, and fails. Any thread.
  virtual void cancel() = 0;
  /// Called under the lock of the channel for steps that are not of reading or writing.
  virtual void take(Step /*step*/, bool /*ok*/) {}
};

/// As a parent: calls `address`. The call is there when its first message is. Throws nothing for an
/// address at which nobody listens: the call then ends.
std::unique_ptr<Call> call_worker(const std::string& address, const std::string& token);

/// As a worker: listens on 127.0.0.1 until the parent has called.
class Server {
 public:
  virtual ~Server() = default;
  /// Throws TransportFailure.
  static std::unique_ptr<Server> listen(std::string token);
  virtual std::string address() const = 0;
  /// The call, once it is there; null: the time has come.
  virtual std::unique_ptr<Call> accept(worker::TimePoint until) = 0;
};

}  // namespace xpuruntime::worker_grpc
