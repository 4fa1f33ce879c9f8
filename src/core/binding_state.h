// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <vector>

#include "run_frame.h"
#include "session_state.h"
#include "xpuruntime/io_binding.h"

namespace xpuruntime {

/// A binding's own frame, over tensors that it keeps alive: what is checked once is run many times.
class IOBinding::State {
 public:
  explicit State(std::shared_ptr<SessionState> shared)
      : session(std::move(shared)),
        frame(session->info, session->input_alignment, session->memory_state()),
        inputs(session->info.inputs.size()),
        outputs(session->info.outputs.size()),
        results(session->output_names, std::vector<Tensor>(session->info.outputs.size())) {}

  /// Before a run that does not repeat the one before. Throws InvalidArgumentError when an input is
  /// not bound.
  [[gnu::noinline]] void prepare();
  /// After such a run.
  [[gnu::noinline]] void take_results();
  /// Leaves an output to the engine.
  void unbind_output(size_t i);

  std::shared_ptr<SessionState> session;
  RunFrame frame;
  // The frame points into these: they are assigned to, never moved.
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;  // empty: left to the engine
  NamedTensors results;
  bool has_results = false;
};

}  // namespace xpuruntime
