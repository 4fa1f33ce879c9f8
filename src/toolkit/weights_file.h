// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <filesystem>

namespace xpuruntime::toolkit {

/// Does the file hold weights alone, which a model_factory gives a model? By its name (.pth, .pt,
/// .ckpt, .npz), unless it is TorchScript, which has its code with it.
bool holds_weights(const std::filesystem::path& model);

}  // namespace xpuruntime::toolkit
