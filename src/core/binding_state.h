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

  std::shared_ptr<SessionState> session;
  RunFrame frame;
  // The frame points into these: they are assigned to, never moved.
  std::vector<Tensor> inputs;
  std::vector<Tensor> outputs;  // empty: left to the engine
  NamedTensors results;
  bool has_results = false;
};

}  // namespace xpuruntime
