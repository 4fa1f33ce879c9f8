// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openvino/runtime/compiled_model.hpp>
#include <string>
#include <utility>
#include <vector>

namespace xpuruntime::openvino {

/// How many nodes of the compiled graph each kernel runs, by OpenVINO's names, which end in the
/// precision ("brgconv_avx512_f32"); empty where the device does not tell.
std::vector<std::pair<std::string, std::string>> placement_of(const ov::CompiledModel& compiled);

/// What kind of node of a compiled graph it is ("Convolution"); empty where it does not tell.
std::string layer_type(const ov::Node& node);

}  // namespace xpuruntime::openvino
