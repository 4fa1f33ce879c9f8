// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

#include "output.h"
#include "xpuruntime/tensor.h"

namespace xpuruntime::xpurt {

/// What a person wants to know of a tensor at a glance. Of numbers, NaN apart.
struct TensorSummary {
  double min = 0;
  double max = 0;
  double mean = 0;
  int64_t counted = 0;  ///< elements that min, max and mean are of
  int64_t nan = 0;
  std::vector<std::string> first;   ///< at most 8 elements, as text
  Json first_json = Json::array();  ///< the same as JSON: integers exactly, NaN and infinity null
};

TensorSummary summarize(const Tensor& tensor);

/// "float32[1,10]"
std::string type_text(const Tensor& tensor);
/// A number in at most five significant digits: "-12.311", "nan".
std::string number_text(double value);
/// name, dtype, shape and summary; numbers that JSON has not are null.
Json to_json(const std::string& name, const Tensor& tensor, const TensorSummary& summary);

}  // namespace xpuruntime::xpurt
