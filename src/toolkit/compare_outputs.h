// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "xpuruntime/named_tensors.h"
#include "xpuruntime/toolkit/compare.h"

namespace xpuruntime::toolkit {

/// "float32[1,10]".
std::string type_text(const Tensor& tensor);

/// One value; a dtype or shape of its own is a verdict.
OutputComparison compare_output(const std::string& name, const Tensor& reference,
                                const std::string& actual_name, const Tensor& actual,
                                const Tolerance& tolerance);

/// Every output of the reference, matched by name or else in order; one that the other has not got
/// is missing. What the other has besides is left out.
std::vector<OutputComparison> compare_outputs(const NamedTensors& reference,
                                              const NamedTensors& actual,
                                              const Tolerance& tolerance);

bool all_agree(const std::vector<OutputComparison>& outputs);

}  // namespace xpuruntime::toolkit
