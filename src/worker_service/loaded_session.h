// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <stop_token>

#include "worker/channel.h"
#include "worker/messages.h"
#include "xpuruntime/session.h"

namespace xpuruntime::worker_service {

/// The one model of a worker, and runs of it as messages. Thread-safe.
class LoadedSession {
 public:
  /// As load asks for. Throws XpuRuntimeError, and BadFrame for a request without a model.
  LoadedSession(const worker::LoadRequest& request, const worker::Message& message,
                std::function<bool(const char*, uint64_t, uint64_t)> progress);

  /// The reply to load.
  worker::LoadedFacts facts() const;
  /// The reply to a run. Throws XpuRuntimeError, BadFrame.
  worker::Message run(const worker::Message& request, worker::Channel& channel,
                      const std::stop_token& stop, RunReport& report) const;

 private:
  std::vector<Tensor> inputs_of(const worker::Message& request,
                                const worker::RunTensors& run) const;
  worker::RunTensors places_of_outputs() const;

  InferenceSession session_;
  bool writes_in_place_ = false;  ///< all outputs have bytes that are known before a run
};

}  // namespace xpuruntime::worker_service
