// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>

#include "xpuruntime/export.h"
#include "xpuruntime/named_tensors.h"

namespace xpuruntime {

/// Gives one input of a stream after the other; nothing: the end.
using NextInput = std::function<std::optional<NamedTensors>()>;

/// Results of inputs that come one after the other, in their order. Holds no more than its
/// `in_flight` inputs and results at any time. One thread at a time; made by
/// InferenceSession::stream().
class XPURT_API RunStream {
 public:
  RunStream(RunStream&&) noexcept;
  RunStream& operator=(RunStream&&) noexcept;
  ~RunStream();  ///< Cancels the runs whose results nobody took.

  /// The next result; nothing at the end. Takes inputs as far as there is room, on this thread.
  /// Throws the error of that input's run, or what taking it threw; a later call goes on with the
  /// input after a run that failed, and ends after an input that could not be taken.
  std::optional<NamedTensors> next();
  /// Does next() have something to give, so that it would not wait for a run? Takes inputs as
  /// next() does, and waits for it until `timeout` passes.
  bool ready(std::chrono::nanoseconds timeout);

 private:
  friend class InferenceSession;
  class State;
  explicit RunStream(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace xpuruntime
