// SPDX-License-Identifier: Apache-2.0
/// A stream of the fake engine: a thread that does its work in order.
#pragma once

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>

#include "xpuruntime/engine/abi.h"

namespace xpuruntime::fake {

/// Thread-safe. Destruction waits for the work that is in it.
class Stream {
 public:
  Stream();
  ~Stream();
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;

  static Stream& of(xpurt_stream* stream) { return *reinterpret_cast<Stream*>(stream); }

  void post(std::function<void()> work);
  /// Waits until the stream is empty, then throws the first failure since the last call.
  void synchronize();

 private:
  void work();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> queue_;
  std::exception_ptr failure_;
  bool busy_ = false;
  bool ending_ = false;
  std::thread thread_;
};

}  // namespace xpuruntime::fake
