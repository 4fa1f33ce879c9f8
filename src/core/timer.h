// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <thread>

#include "clock.h"

namespace xpuruntime {

/// Calls functions when their time has come, one after the other, on a thread that starts with the
/// first. They are short. Thread-safe; may be destroyed inside a call.
class Timer {
 public:
  using Id = uint64_t;

  explicit Timer(Clock& clock);
  ~Timer();
  Timer(const Timer&) = delete;
  Timer& operator=(const Timer&) = delete;

  Clock& clock() const noexcept;
  /// Throws UnavailableError when there can be no thread.
  Id at(TimePoint when, std::function<void()> call);
  /// The function is not called, unless it is being called already. Ids of none are passed over.
  void cancel(Id id) noexcept;

 private:
  struct State;
  static void work(const std::shared_ptr<State>& state);

  std::shared_ptr<State> state_;
  std::thread thread_;
};

}  // namespace xpuruntime
