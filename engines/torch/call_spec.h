// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <map>
#include <string>
#include <vector>

namespace xpuruntime::torch_engine {

/// Names of the inputs of a package, in order, from the description that torch.export gives of
/// forward()'s arguments: by keyword, or "input_<index>".
std::vector<std::string> input_names(const std::string& spec);

/// The same of what forward() returns, named as OutputPlan names it.
std::vector<std::string> output_names(const std::string& spec);

/// What a package's compiler noted of it.
std::map<std::string, std::string> read_metadata(const std::string& json);

}  // namespace xpuruntime::torch_engine
