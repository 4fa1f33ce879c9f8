// SPDX-License-Identifier: Apache-2.0
#include "toolkit/compare_outputs.h"

#include <algorithm>

#include "toolkit/match.h"

namespace xpuruntime::toolkit {
const char* to_string(Verdict verdict) noexcept {
  switch (verdict) {
    case Verdict::kAgrees:
      return "agrees";
    case Verdict::kDiffers:
      return "differs";
    case Verdict::kShapeMismatch:
      return "shape mismatch";
    case Verdict::kDtypeMismatch:
      return "dtype mismatch";
    case Verdict::kMissing:
      break;
  }
  return "missing";
}

std::string type_text(const Tensor& tensor) {
  return std::string(dtype_name(tensor.dtype())) + to_string(tensor.shape());
}

OutputComparison compare_output(const std::string& name, const Tensor& reference,
                                const std::string& actual_name, const Tensor& actual,
                                const Tolerance& tolerance) {
  OutputComparison result{.name = name,
                          .actual_name = actual_name,
                          .type = type_text(reference),
                          .actual_type = type_text(actual)};
  if (actual.dtype() != reference.dtype()) {
    result.verdict = Verdict::kDtypeMismatch;
  } else if (!(actual.shape() == reference.shape())) {
    result.verdict = Verdict::kShapeMismatch;
  } else {
    result.agreement = measure_agreement(actual, reference, tolerance);
    result.verdict = result.agreement->agrees() ? Verdict::kAgrees : Verdict::kDiffers;
  }
  return result;
}

std::vector<OutputComparison> compare_outputs(const NamedTensors& reference,
                                              const NamedTensors& actual,
                                              const Tolerance& tolerance) {
  const auto places = match_names(names_of(reference), names_of(actual));
  std::vector<OutputComparison> outputs;
  for (size_t i = 0; i < reference.size(); ++i) {
    const std::string& name = reference.name(i);
    const std::string& actual_name = places ? actual.name((*places)[i]) : name;
    if (const Tensor* tensor = actual.find(actual_name)) {
      outputs.push_back(compare_output(name, reference[i], actual_name, *tensor, tolerance));
    } else {
      outputs.push_back({.name = name, .type = type_text(reference[i])});
    }
  }
  return outputs;
}

bool all_agree(const std::vector<OutputComparison>& outputs) {
  return std::ranges::all_of(outputs,
                             [](const auto& output) { return output.verdict == Verdict::kAgrees; });
}

}  // namespace xpuruntime::toolkit
