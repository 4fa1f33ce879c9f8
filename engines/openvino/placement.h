// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <openvino/core/model.hpp>
#include <string>
#include <utility>
#include <vector>

namespace xpuruntime::openvino {

/// How many nodes of a graph that runs each kernel runs, by OpenVINO's names, which end in the
/// precision ("brgconv_avx512_f32").
std::vector<std::pair<std::string, std::string>> placement_of(const ov::Model& graph);

/// What kind of node of a compiled graph it is ("Convolution"); empty where it does not tell.
std::string layer_type(const ov::Node& node);

}  // namespace xpuruntime::openvino
