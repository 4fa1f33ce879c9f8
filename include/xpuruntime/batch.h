// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <exception>

#include "xpuruntime/export.h"
#include "xpuruntime/named_tensors.h"
#include "xpuruntime/report.h"

namespace xpuruntime {

/// What became of one item of InferenceSession::run_batch().
struct XPURT_API BatchResult {
  NamedTensors outputs{};      ///< in the model's order; empty when the item failed
  std::exception_ptr error{};  ///< null when it did not
  RunReport report{};          ///< of the run that it was in

  explicit operator bool() const noexcept { return error == nullptr; }
  const NamedTensors& get() const;  ///< The outputs; throws the item's error.
};

}  // namespace xpuruntime
