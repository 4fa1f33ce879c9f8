// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <utility>

#include "messages.h"

namespace xpuruntime::worker {

/// Runs of a kind say the same again and again: what was last written or read is not made anew,
/// which of a small run would be most of its cost. One thread at a time.
class RunMemo {
 public:
  const std::string& write(const RunTensors& run) {
    if (run != written_ || text_.empty()) {
      text_ = to_json(run);
      written_ = run;
    }
    return text_;
  }
  /// Throws BadFrame, and remembers nothing then.
  const RunTensors& read(const std::string& json) {
    if (json != json_) {
      read_ = from_json<RunTensors>(json);
      json_ = json;
    }
    return read_;
  }

 private:
  RunTensors written_;
  std::string text_;
  std::string json_;
  RunTensors read_;
};

}  // namespace xpuruntime::worker
