// SPDX-License-Identifier: Apache-2.0
#include "toolkit/bound_run.h"

namespace xpuruntime::toolkit {

IOBinding bind_run(const InferenceSession& session, const NamedTensors& inputs,
                   const NamedTensors& outputs) {
  IOBinding binding = session.create_io_binding();
  for (const auto& [name, tensor] : inputs) binding.bind_input(name, tensor);
  for (const auto& [name, tensor] : outputs) {
    if (tensor.dtype() == DType::kString) continue;
    binding.bind_output(name, Tensor(tensor.dtype(), tensor.shape()));
  }
  return binding;
}

}  // namespace xpuruntime::toolkit
