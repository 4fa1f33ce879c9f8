// SPDX-License-Identifier: Apache-2.0
/// The models of tests/data as examples, for engines that load ONNX.
#pragma once

#include "engine_under_test.h"

namespace xpuruntime::conformance {

/// An engine with all these models. It lacks what ONNX files on a CPU do not have; each engine says
/// what else it lacks.
EngineUnderTest onnx_engine(const std::string& name, const std::string& plugin);

}  // namespace xpuruntime::conformance
