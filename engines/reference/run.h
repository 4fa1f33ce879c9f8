// SPDX-License-Identifier: Apache-2.0
/// The context of the interpreter: one run at a time.
#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "program.h"

namespace xpuruntime::reference {

/// Cheap: holds one tensor handle a value. Any number of them run one Program at once.
class ReferenceContext : public engine::Context {
 public:
  ReferenceContext(std::shared_ptr<const Program> program, uint64_t memory_limit);

  void run(const engine::RunArgs& args) override;
  void cancel(uint64_t run_id) noexcept override;

 private:
  class Run;
  static constexpr uint64_t kNoRun = ~uint64_t{0};

  std::shared_ptr<const Program> program_;
  uint64_t memory_limit_;
  std::vector<Tensor> slots_;
  std::atomic<uint64_t> running_{kNoRun};  ///< the run that goes on and was not cancelled
};

}  // namespace xpuruntime::reference
