// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <c10/util/Exception.h>

#include "xpuruntime/engine/engine.h"

namespace xpuruntime::torch_engine {

/// What torch warns of goes to the log while one of these lives on a thread, not to stderr.
class LoggedWarnings {
 private:
  struct Handler : c10::WarningHandler {
    void process(const c10::Warning& warning) override {
      engine::log(XPURT_LOG_WARNING, "torch", warning.msg());
    }
  };
  Handler handler_;
  c10::WarningUtils::WarningHandlerGuard guard_{&handler_};
};

}  // namespace xpuruntime::torch_engine
