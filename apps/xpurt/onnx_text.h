// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>

#include "onnx/model.h"
#include "output.h"

namespace xpuruntime::xpurt {

/// What an ONNX file says of its model, read without its weights.
Json model_json(const std::string& path, const onnx::Model& model);
std::string model_text(const std::string& path, const onnx::Model& model);

}  // namespace xpuruntime::xpurt
